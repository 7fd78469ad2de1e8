"""What the calls about channels take and answer."""

from typing import Any

from rest_framework import serializers

from channels_telegram import verifying
from channels_telegram.channels import webhook_base
from channels_telegram.models import TelegramChannel
from conversations.channels import ChannelState, ChannelStatus
from kernel.clock import iso_ms_or_none
from kernel.rest import fields

MAX_TOKEN = 128
MAX_SECRET = 256
# Telegram uses at most 52 significant bits.
_LARGEST_ID = 2**52


class ChannelJson(serializers.Serializer[Any]):
    """The tenant's bot and group, without secrets."""

    state = serializers.ChoiceField(list(ChannelState))
    problem = serializers.CharField(allow_null=True, help_text="What somebody has to mend.")
    bot_id = serializers.IntegerField(allow_null=True)
    bot_username = serializers.CharField(
        allow_null=True, help_text="Null until Telegram has accepted the token."
    )
    chat_id = serializers.IntegerField(
        allow_null=True, help_text="The group's present id; Telegram changes it at an upgrade."
    )
    configured_chat_id = serializers.IntegerField(allow_null=True)
    webhook_url = serializers.CharField(allow_null=True, help_text="Its last part is a secret: `…`")
    is_header_secret_set = serializers.BooleanField()
    last_error = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class ChannelConfigBody(serializers.Serializer[Any]):
    """A bot in a group."""

    bot_token = fields.Text(
        required=False,
        max_length=MAX_TOKEN,
        help_text="From BotFather. Needed the first time; without it the present one stays.",
    )
    chat_id = fields.Number(
        min_value=-_LARGEST_ID,
        max_value=-1,
        help_text="The forum group's id, such as -1001234567890.",
    )
    header_secret = fields.Text(
        required=False,
        allow_null=True,
        max_length=MAX_SECRET,
        help_text="Telegram proves itself with it on each call: letters, digits, _ and -. "
        "Without it the present one stays; null takes it away.",
    )


class Nothing(serializers.Serializer[Any]):
    """The call needs no values."""


class CheckJson(serializers.Serializer[Any]):
    """One thing that must be so."""

    name = serializers.ChoiceField(list(verifying.NAMES))
    ok = serializers.BooleanField(
        allow_null=True, help_text="Null when Telegram asks us to wait, so that it was not checked."
    )
    advice = serializers.CharField(allow_null=True, help_text="What to do where it is not so.")


class VerificationJson(serializers.Serializer[Any]):
    """What Telegram says about the bot and the group."""

    ok = serializers.BooleanField(help_text="False when a check is.")
    is_busy = serializers.BooleanField(help_text="Whether Telegram asks us to wait.")
    checks = CheckJson(many=True)


class WebhookJson(serializers.Serializer[Any]):
    """How Telegram delivers."""

    is_ours = serializers.BooleanField(help_text="Whether Telegram delivers to our address.")
    pending_updates = serializers.IntegerField()
    last_error = serializers.CharField(allow_null=True)
    last_error_at = serializers.DateTimeField(allow_null=True)


class BudgetJson(serializers.Serializer[Any]):
    """How many calls the group may get in a sliding window."""

    points = serializers.IntegerField()
    window_seconds = serializers.IntegerField()
    spent = serializers.IntegerField(allow_null=True, help_text="Null while it cannot be told.")


class QueueJson(serializers.Serializer[Any]):
    """What waits to be sent."""

    waiting = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(allow_null=True)
    blocked_until = serializers.DateTimeField(allow_null=True)


class StatusJson(serializers.Serializer[Any]):
    """How the channel is at this moment."""

    state = serializers.ChoiceField(list(ChannelState))
    problem = serializers.CharField(allow_null=True)
    last_error = serializers.CharField(allow_null=True)
    webhook = WebhookJson(allow_null=True, help_text="Null when Telegram did not tell.")
    webhook_problem = serializers.CharField(allow_null=True)
    budget = BudgetJson()
    queue = QueueJson()


def channel_json(channel: TelegramChannel | None, condition: ChannelStatus) -> dict[str, object]:
    """The channel as it is shown."""
    base = {"state": str(condition.state), "problem": condition.problem}
    if channel is None:
        return {
            **base,
            "bot_id": None,
            "bot_username": None,
            "chat_id": None,
            "configured_chat_id": None,
            "webhook_url": None,
            "is_header_secret_set": False,  # nosec B105
            "last_error": None,
            "updated_at": None,
        }
    return {
        **base,
        "bot_id": channel.bot_id,
        "bot_username": channel.bot_username or None,
        "chat_id": channel.chat_id,
        "configured_chat_id": channel.configured_chat_id,
        "webhook_url": f"{webhook_base()}…",
        "is_header_secret_set": bool(channel.header_secret_sealed),
        "last_error": condition.last_error,
        "updated_at": iso_ms_or_none(channel.updated_at),
    }


def queue_json(condition: ChannelStatus) -> dict[str, object]:
    """What waits, as it is shown."""
    return {
        "waiting": condition.waiting,
        "oldest_at": iso_ms_or_none(condition.oldest_waiting_at),
        "blocked_until": iso_ms_or_none(condition.blocked_until),
    }
