"""The addresses of this app for tenants and the operator; they run under ordinary Django."""

from django.urls import path

from channels_telegram.api.deep_health import DeepHealth
from channels_telegram.api.v2.threads import ConversationThread

urlpatterns = [
    path("v1/admin/health/deep", DeepHealth.as_view()),
    path(
        "v2/admin/conversations/<uuid:conversation_id>/thread",
        ConversationThread.as_view(),
    ),
]
