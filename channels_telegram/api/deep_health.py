"""A monitor's question: does the whole way work?"""

from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram import deep_health
from chatorical.rest.views import ServiceView


class DeepHealth(ServiceView):
    """GET /v1/admin/health/deep"""

    # It waits for Telegram.
    has_own_scopes = True

    def get(self, request: Request) -> Response:
        """200 whatever is found: the answer itself says what works."""
        found = deep_health.check(tenant_id=self.principal.tenant_id)
        return Response(
            {
                "ok": not found.errors,
                "startOk": found.start_ok,
                "topicOk": found.topic_ok,
                "welcomeOk": found.welcome_ok,
                "wsTokenOk": found.ws_token_ok,
                "errors": found.errors,
            }
        )
