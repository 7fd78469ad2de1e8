"""/v2/platform/channels"""

from typing import Annotated, Literal

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram.channel_status import status_of, with_status
from channels_telegram.models import TelegramChannel
from conversations.channels import ChannelState
from kernel.clock import iso_ms_or_none
from kernel.rest.answers import Answer, Moment, page_of
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.platform.base import TAGS, PlatformView
from tenants.scope import platform_scope


class ChannelHealthJson(Answer, frozen=True, kw_only=True):
    """How one tenant's channel is."""

    tenant: Annotated[str, Meta(description="The tenant's slug.")]
    tenant_name: str
    kind: Literal["telegram"]
    bot_username: str | None
    state: ChannelState
    problem: str | None
    last_error: str | None
    blocked_until: Moment | None
    waiting: Annotated[int, Meta(description="How many items wait to be sent.")]
    oldest_waiting_at: Moment | None

    @classmethod
    def of(cls, channel: TelegramChannel) -> "ChannelHealthJson":
        """The channel's health as it is shown."""
        status = status_of(channel)
        return cls(
            tenant=channel.tenant.slug,
            tenant_name=channel.tenant.name,
            kind="telegram",
            bot_username=channel.bot_username or None,
            state=status.state,
            problem=status.problem,
            last_error=status.last_error,
            blocked_until=iso_ms_or_none(status.blocked_until),
            waiting=status.waiting,
            oldest_waiting_at=iso_ms_or_none(status.oldest_waiting_at),
        )


class Channels(PlatformView):
    """The channels of all tenants."""

    @extend_schema(
        operation_id="listChannelHealth",
        tags=TAGS,
        summary="Health of all channels",
        parameters=PageRequest.parameters(),
        responses=page_of(ChannelHealthJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        with platform_scope("channel health"):
            rows = TelegramChannel.objects.filter(is_active=True).select_related("tenant")
            page = PageRequest.of(request, "channels").take(with_status(rows))
            shown = [ChannelHealthJson.of(row) for row in page.rows]
        return object_answer(shown, page.next_cursor)
