"""/v2/platform/channels"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram.channel_status import status_of, with_status
from channels_telegram.models import TelegramChannel
from conversations.channels import ChannelState
from kernel.clock import iso_ms_or_none
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.platform.base import TAGS, PlatformView
from tenants.api.v2.base import page_of
from tenants.scope import platform_scope


class ChannelHealthJson(serializers.Serializer[Any]):
    """How one tenant's channel is."""

    tenant = serializers.CharField(help_text="The tenant's slug.")
    tenant_name = serializers.CharField()
    kind = serializers.ChoiceField(["telegram"])
    bot_username = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(list(ChannelState))
    problem = serializers.CharField(allow_null=True)
    last_error = serializers.CharField(allow_null=True)
    blocked_until = serializers.DateTimeField(allow_null=True)
    waiting = serializers.IntegerField(help_text="How many items wait to be sent.")
    oldest_waiting_at = serializers.DateTimeField(allow_null=True)


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
            shown = [health_json(row) for row in page.rows]
        return object_answer(shown, page.next_cursor)


def health_json(channel: TelegramChannel) -> dict[str, object]:
    """A channel's health as it is shown."""
    condition = status_of(channel)
    return {
        "tenant": channel.tenant.slug,
        "tenant_name": channel.tenant.name,
        "kind": "telegram",
        "bot_username": channel.bot_username or None,
        "state": str(condition.state),
        "problem": condition.problem,
        "last_error": condition.last_error,
        "blocked_until": iso_ms_or_none(condition.blocked_until),
        "waiting": condition.waiting,
        "oldest_waiting_at": iso_ms_or_none(condition.oldest_waiting_at),
    }
