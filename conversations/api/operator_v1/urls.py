"""The operator's addresses; they run under ordinary Django (see `chatorical.web.gateway`)."""

from django.urls import path

from conversations.api.operator_v1 import agents, exporting, moderation, reading

urlpatterns = [
    path("v1/conversations", reading.ConversationList.as_view()),
    path("v1/conversations/<uuid:conversation_id>", reading.ConversationDetail.as_view()),
    path("v1/conversations/<uuid:conversation_id>/export.csv", exporting.CsvExport.as_view()),
    path("v1/conversations/<uuid:conversation_id>/export.json", exporting.JsonExport.as_view()),
    path("v1/moderation/close", moderation.Close.as_view()),
    path("v1/moderation/block", moderation.Block.as_view()),
    path("v1/admin/conversations/bulk-delete", moderation.BulkDelete.as_view()),
    path("v1/admin/agents", agents.AgentList.as_view()),
    path("v1/admin/agents/upsert", agents.UpsertAgent.as_view()),
    path("v1/admin/agents/enable", agents.EnableAgent.as_view()),
    path("v1/admin/agents/disable", agents.DisableAgent.as_view()),
    path("v1/admin/agents/closing-messages", agents.ClosingMessages.as_view()),
    path("v1/admin/agents/closing-message", agents.ClosingMessage.as_view()),
]
