"""The v2 admin addresses of this app; they run under ordinary Django."""

from django.urls import path

from conversations.api.tenant_v2 import (
    agents,
    bulk,
    exporting,
    identity,
    legal_hold,
    lifecycle,
    messages,
    presence,
    reading,
    remarks,
    sessions,
)

_ONE = "v2/admin/conversations/<uuid:conversation_id>"

urlpatterns = [
    path("v2/admin/conversations", reading.ConversationList.as_view()),
    path("v2/admin/conversations/bulk-delete", bulk.BulkDelete.as_view()),
    path(_ONE, reading.OneConversation.as_view()),
    path(f"{_ONE}/messages", messages.Messages.as_view()),
    path(f"{_ONE}/remarks", remarks.RemarkList.as_view()),
    path(f"{_ONE}/seen", presence.Seen.as_view()),
    path(f"{_ONE}/typing", presence.Typing.as_view()),
    path(f"{_ONE}/claim", lifecycle.Claim.as_view()),
    path(f"{_ONE}/close", lifecycle.Close.as_view()),
    path(f"{_ONE}/reopen", lifecycle.Reopen.as_view()),
    path(f"{_ONE}/block", lifecycle.Block.as_view()),
    path(f"{_ONE}/ban", lifecycle.Ban.as_view()),
    path(f"{_ONE}/legal-hold", legal_hold.LegalHoldOfConversation.as_view()),
    path(f"{_ONE}/sessions", sessions.SessionList.as_view()),
    path(f"{_ONE}/sessions/<uuid:session_id>", sessions.OneSession.as_view()),
    path(f"{_ONE}/export.csv", exporting.CsvExport.as_view()),
    path(f"{_ONE}/export.json", exporting.JsonExport.as_view()),
    path(f"{_ONE}/personal-data", exporting.PersonalData.as_view()),
    path(f"{_ONE}/erase", exporting.Erasure.as_view()),
    path("v2/admin/identity/keys", identity.IdentityKeys.as_view()),
    path("v2/admin/identity/keys/<uuid:key_id>", identity.OneIdentityKey.as_view()),
    path("v2/admin/agents", agents.AgentList.as_view()),
    path("v2/admin/agents/<uuid:agent_id>", agents.OneAgent.as_view()),
]
