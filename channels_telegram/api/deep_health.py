"""A monitor's question: does the whole way work?"""

from collections.abc import Sequence
from typing import Annotated

from drf_spectacular.utils import extend_schema
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram import deep_health
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment, answered
from tenants.api.views import ServiceView


class V1DeepHealth(Answer, frozen=True, kw_only=True, rename="camel"):
    """Which steps of the way work, and in words what does not."""

    ok: bool
    start_ok: bool
    topic_ok: bool
    welcome_ok: bool
    ws_token_ok: bool
    busy_until: Annotated[
        Moment | UnsetType,
        Meta(
            description="Only while the group takes no more calls for a moment. That is no fault: "
            "`ok` stays true, and the topic is taken to work where nothing else is known."
        ),
    ] = UNSET
    errors: Sequence[str]


class DeepHealth(ServiceView):
    """GET /v1/admin/health/deep"""

    # It waits for Telegram.
    has_own_scopes = True

    @extend_schema(
        operation_id="v1DeepHealth",
        tags=["v1 admin"],
        summary="Walk the whole way once",
        responses=answered(V1DeepHealth),
    )
    def get(self, request: Request) -> Response:
        """200 whatever is found: the answer itself says what works."""
        found = deep_health.check(tenant_id=self.principal.tenant_id)
        return Response(
            V1DeepHealth(
                ok=not found.errors,
                start_ok=found.start_ok,
                topic_ok=found.topic_ok,
                welcome_ok=found.welcome_ok,
                ws_token_ok=found.ws_token_ok,
                busy_until=UNSET if found.busy_until is None else iso_ms(found.busy_until),
                errors=found.errors,
            )
        )
