"""/v2/admin/channels/telegram/…: the calls that ask Telegram itself."""

from typing import ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram import verifying
from channels_telegram.api.v2.answers import (
    BudgetJson,
    QueueJson,
    StatusJson,
    VerificationJson,
    WebhookJson,
)
from channels_telegram.api.v2.channel import TAGS, find_row
from channels_telegram.api.v2.serializers import Nothing
from channels_telegram.api_errors import TelegramError
from channels_telegram.bot_api import BotApi
from channels_telegram.channel_status import status_of
from channels_telegram.channels import DecryptedChannel, find_channel
from channels_telegram.errors import ChannelNotFound, TelegramFailed
from channels_telegram.outgoing import rate_limit
from kernel.rest.answers import answered
from tenants import audit
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope
from tenants.scope import tenant_scope


class _AskingView(ApiKeyView):
    # It waits for Telegram.
    has_own_scopes = True

    def _channel(self) -> DecryptedChannel:
        with tenant_scope(self.principal.tenant_id) as tenant:
            channel = find_channel(tenant=tenant)
        if channel is None:
            raise ChannelNotFound()
        return channel


class Verify(_AskingView):
    """Whether bot and group are as they must be."""

    reading: ClassVar[Scope] = Scope.CHANNELS_WRITE

    @extend_schema(
        operation_id="verifyTelegramChannel",
        tags=TAGS,
        summary="Verify the Telegram channel",
        description="Asks Telegram, twelve seconds at the most, changes nothing there, and keeps "
        "what it says about the bot and the group as the channel's state. Where Telegram asks us "
        "to wait, `is_busy` is true and the checks that were not made are null: busy is not "
        "broken.",
        request=Nothing,
        responses=answered(VerificationJson),
    )
    def post(self, request: Request) -> Response:
        """Each check, with what to do."""
        read(Nothing, request)
        return Response(VerificationJson.of(verifying.verify(self._channel())))


class Webhook(_AskingView):
    """Telegram's way to us."""

    reading: ClassVar[Scope] = Scope.CHANNELS_WRITE

    @extend_schema(
        operation_id="setTelegramWebhook",
        tags=TAGS,
        summary="Set the webhook at Telegram",
        description="At once, for when the way was cut by other means. 409 `telegram_failed` when "
        "Telegram does not accept it.",
        request=Nothing,
        responses=answered(WebhookJson),
    )
    def post(self, request: Request) -> Response:
        """How Telegram delivers from now on."""
        read(Nothing, request)
        channel = self._channel()
        api = BotApi(channel.bot_token, timeout_seconds=verifying.TIMEOUT_SECONDS)
        try:
            api.set_webhook(url=channel.webhook_url, secret_token=channel.header_secret)
            found = api.get_webhook_info()
        except TelegramError as error:
            raise TelegramFailed(verifying.explain(error)) from error
        with tenant_scope(self.principal.tenant_id) as tenant:
            audit.record(
                tenant=tenant,
                actor=self.actor,
                action="telegram_channel.webhook_set",
                object_type="telegram_channel",
                object_id=channel.id,
            )
        return Response(WebhookJson.of(channel, found))


class Status(_AskingView):
    """How the channel is at this moment."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="readTelegramStatus",
        tags=TAGS,
        summary="Read the Telegram channel's status",
        description="Asks Telegram for its side, three seconds at the most.",
        responses=answered(StatusJson),
    )
    def get(self, request: Request) -> Response:
        """Telegram's side, the budget, and what waits."""
        channel = self._channel()
        with tenant_scope(self.principal.tenant_id) as tenant:
            status = status_of(find_row(tenant))
        webhook, webhook_problem = _ask_for_webhook(channel)
        return Response(
            StatusJson(
                state=status.state,
                problem=status.problem,
                last_error=status.last_error,
                webhook=webhook,
                webhook_problem=webhook_problem,
                budget=BudgetJson(
                    points=settings.TELEGRAM_GROUP_POINTS,
                    window_seconds=settings.TELEGRAM_GROUP_DURATION_SECONDS,
                    spent=rate_limit.spent(channel),
                ),
                queue=QueueJson.of(status),
            )
        )


def _ask_for_webhook(channel: DecryptedChannel) -> tuple[WebhookJson | None, str | None]:
    api = BotApi(channel.bot_token, timeout_seconds=verifying.TIMEOUT_SECONDS)
    try:
        return WebhookJson.of(channel, api.get_webhook_info()), None
    except TelegramError as error:
        return None, verifying.explain(error)
