"""/v2/admin/channels/telegram/bots: the bots that share one group."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram import bots, channels, verifying
from channels_telegram.api.v2.answers import BotJson, BotsJson, VerificationJson
from channels_telegram.api.v2.channel import TAGS
from channels_telegram.api.v2.serializers import NewBot, Nothing
from channels_telegram.channel_status import with_status
from channels_telegram.errors import BotNotFound
from channels_telegram.models import TelegramChannel
from kernel.rest.answers import answered
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope
from tenants.models import Tenant
from tenants.scope import tenant_scope


def _shown(tenant: Tenant) -> BotsJson:
    return BotsJson.of(with_status(channels.bot_rows(tenant)))


class Bots(ApiKeyView):
    """The bots of the tenant's group."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.CHANNELS_WRITE

    @extend_schema(
        operation_id="listTelegramBots",
        tags=TAGS,
        summary="List the group's bots",
        description="The first one hears the group. Each has a budget of its own there, and keeps "
        "the conversations that it was given while it can post.",
        responses=answered(BotsJson),
    )
    def get(self, request: Request) -> Response:
        """Each bot, how it is, and what to do where it is not well."""
        return Response(_shown(self.tenant))

    @extend_schema(
        operation_id="addTelegramBot",
        tags=TAGS,
        summary="Add a bot to the group",
        description="Telegram is told our address in a moment; then `invitation` is the link that "
        "adds the bot to a group with the rights that it needs. It posts once Telegram says that "
        "it is an administrator of the tenant's group. 400 `invalid_channel` for what cannot be "
        "its token, 409 `no_telegram_channel` before there is a group.",
        request=NewBot,
        responses=answered(BotJson, 201),
    )
    def post(self, request: Request) -> Response:
        """The bot, without its token."""
        wanted = read(NewBot, request)
        row = bots.add_bot(tenant=self.tenant, token=wanted["bot_token"], actor=self.actor)
        shown = with_status(TelegramChannel.objects.filter(tenant=self.tenant, pk=row.pk)).get()
        return Response(BotJson.of(shown, is_first=False), 201)


class OneBot(ApiKeyView):
    """One of them."""

    # It waits for Telegram.
    has_own_scopes = True
    reading: ClassVar[Scope] = Scope.CHANNELS_WRITE

    @extend_schema(
        operation_id="removeTelegramBot",
        tags=TAGS,
        summary="Remove a bot",
        description="What waits for it, and its conversations, go to the others. 409 "
        "`first_telegram_bot` for the bot that hears the group.",
        responses=answered(BotsJson),
    )
    def delete(self, request: Request, bot_id: UUID) -> Response:
        """The bots that are left."""
        bots.stop_updates(tenant_id=self.principal.tenant_id, row_id=bot_id)
        with tenant_scope(self.principal.tenant_id) as tenant:
            bots.remove_bot(tenant=tenant, row_id=bot_id, actor=self.actor)
            return Response(_shown(tenant))


class VerifyBot(ApiKeyView):
    """Whether one of them is as it must be."""

    # It waits for Telegram.
    has_own_scopes = True
    reading: ClassVar[Scope] = Scope.CHANNELS_WRITE

    @extend_schema(
        operation_id="verifyTelegramBot",
        tags=TAGS,
        summary="Verify a bot",
        description="The checks of `verifyTelegramChannel` for one bot.",
        request=Nothing,
        responses=answered(VerificationJson),
    )
    def post(self, request: Request, bot_id: UUID) -> Response:
        """Each check, with what to do."""
        read(Nothing, request)
        with tenant_scope(self.principal.tenant_id) as tenant:
            bot = channels.find_bot(tenant=tenant, row_id=bot_id)
        if bot is None:
            raise BotNotFound()
        return Response(VerificationJson.of(verifying.verify(bot)))
