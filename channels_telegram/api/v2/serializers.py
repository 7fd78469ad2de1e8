"""What the calls about channels take."""

from typing import Any

from rest_framework import serializers

from kernel.rest import fields

MAX_TOKEN = 128
MAX_SECRET = 256
# Telegram uses at most 52 significant bits.
_LARGEST_ID = 2**52


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
        "Without it the present one stays, or one is made up; for null another one is made up.",
    )


class NewBot(serializers.Serializer[Any]):
    """A bot for the tenant's group."""

    bot_token = fields.Text(max_length=MAX_TOKEN, help_text="From BotFather.")


class Nothing(serializers.Serializer[Any]):
    """The call needs no values."""
