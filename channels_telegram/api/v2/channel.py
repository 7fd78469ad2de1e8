"""/v2/admin/channels/telegram: what is configured."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram import channels, services
from channels_telegram.api.v2.answers import ChannelJson
from channels_telegram.api.v2.serializers import ChannelConfigBody, Nothing
from channels_telegram.channel_status import status_of, with_status
from channels_telegram.models import TelegramChannel
from channels_telegram.services import ChannelConfig
from kernel.errors import InvalidParameter
from kernel.rest.answers import answered
from kernel.rest.preconditions import etag_of, require_match
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope
from tenants.models import Tenant

TAGS = ["Telegram"]


def find_row(tenant: Tenant) -> TelegramChannel | None:
    """The tenant's channel with its status, as it is in this transaction."""
    rows = TelegramChannel.objects.filter(tenant=tenant, is_active=True)
    return with_status(rows).order_by("created_at").first()


def shown_channel(tenant: Tenant) -> ChannelJson:
    """The tenant's channel as it is shown."""
    row = find_row(tenant)
    return ChannelJson.of(row, status_of(row))


def version_of(shown: ChannelJson) -> str:
    """The ETag of what people edit.

    The rest changes by itself, as when Telegram tells the bot's name, and must not get in the way
    of an editor.
    """
    return etag_of(
        (shown.bot_id, shown.configured_chat_id, shown.is_header_secret_set, shown.updated_at)
    )


class _ChannelView(ApiKeyView):
    def shown(self) -> Response:
        """The channel as it is now."""
        shown = shown_channel(self.tenant)
        return Response(shown, headers={"ETag": version_of(shown)})


class Channel(_ChannelView):
    """The tenant's bot and group."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.CHANNELS_WRITE

    @extend_schema(
        operation_id="readTelegramChannel",
        tags=TAGS,
        summary="Read the Telegram channel",
        description="Without a channel its state is `not_configured` and the rest is null.",
        responses=answered(ChannelJson),
    )
    def get(self, request: Request) -> Response:
        """The channel, without secrets."""
        return self.shown()

    @extend_schema(
        operation_id="configureTelegramChannel",
        tags=TAGS,
        summary="Configure the Telegram channel",
        description="Telegram learns our address and the menu of commands in a moment. The same "
        "values again change nothing. 400 `invalid_channel` names what cannot be right.",
        request=ChannelConfigBody,
        responses=answered(ChannelJson),
    )
    def put(self, request: Request) -> Response:
        """Use this bot in this group from now on."""
        given = read(ChannelConfigBody, request)
        TelegramChannel.objects.select_for_update().filter(tenant=self.tenant).first()
        require_match(request, version_of(shown_channel(self.tenant)))
        current = channels.find_channel(tenant=self.tenant)
        config = ChannelConfig(
            bot_token=given.get("bot_token") or _token_of(current),
            chat_id=given["chat_id"],
            header_secret=_header_secret(given),
        )
        services.configure_channel(tenant=self.tenant, config=config, actor=self.actor)
        return self.shown()


class RotateSecrets(_ChannelView):
    """Other secrets, because somebody may know the present ones."""

    reading: ClassVar[Scope] = Scope.CHANNELS_WRITE

    @extend_schema(
        operation_id="rotateTelegramSecrets",
        tags=TAGS,
        summary="Rotate the webhook's secrets",
        description="The webhook gets another address and another header secret at once, and "
        "Telegram learns them in a moment. What it still brings to the old address is refused and "
        "brought again to the new one, so nothing is lost.",
        request=Nothing,
        responses=answered(ChannelJson),
    )
    def post(self, request: Request) -> Response:
        """The channel; no secret is shown."""
        read(Nothing, request)
        services.rotate_secrets(tenant=self.tenant, actor=self.actor)
        return self.shown()


def _token_of(current: channels.DecryptedChannel | None) -> str:
    if current is None:
        raise InvalidParameter(
            "bot_token: This field is required.", details={"bot_token": ["This field is required."]}
        )
    return current.bot_token


def _header_secret(given: dict[str, Any]) -> str:
    """As given, or empty for the present one; for null another one."""
    secret: str | None = given.get("header_secret", "")
    return services.new_secret() if secret is None else secret
