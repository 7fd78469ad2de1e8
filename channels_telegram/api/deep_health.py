"""A monitor's question: does the whole way work?"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram import deep_health
from kernel.clock import iso_ms
from tenants.api.views import ServiceView


class V1DeepHealth(serializers.Serializer[Any]):
    """Which steps of the way work, and in words what does not."""

    ok = serializers.BooleanField()
    startOk = serializers.BooleanField()
    topicOk = serializers.BooleanField()
    welcomeOk = serializers.BooleanField()
    wsTokenOk = serializers.BooleanField()
    busyUntil = serializers.DateTimeField(
        required=False,
        help_text="Only while the group takes no more calls for a moment. That is no fault: `ok` "
        "stays true, and the topic is taken to work where nothing else is known.",
    )
    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]


class DeepHealth(ServiceView):
    """GET /v1/admin/health/deep"""

    # It waits for Telegram.
    has_own_scopes = True

    @extend_schema(
        operation_id="v1DeepHealth",
        tags=["v1 admin"],
        summary="Walk the whole way once",
        responses=V1DeepHealth,
    )
    def get(self, request: Request) -> Response:
        """200 whatever is found: the answer itself says what works."""
        found = deep_health.check(tenant_id=self.principal.tenant_id)
        shown: dict[str, object] = {
            "ok": not found.errors,
            "startOk": found.start_ok,
            "topicOk": found.topic_ok,
            "welcomeOk": found.welcome_ok,
            "wsTokenOk": found.ws_token_ok,
            "errors": found.errors,
        }
        if found.busy_until is not None:
            shown["busyUntil"] = iso_ms(found.busy_until)
        return Response(shown)
