"""Values of bodies that several calls take."""

from typing import Any

from rest_framework import serializers

from conversations import validation
from conversations.models import MAX_CHANNEL_ID
from kernel.errors import InvalidParameter
from kernel.rest.fields import Text


class ChannelId(Text):
    """An id in the channel: a text, or a whole number, which stands for its digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_CHANNEL_ID, **options)

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        is_number = isinstance(data, int) and not isinstance(data, bool)
        return super().to_internal_value(str(data) if is_number else data)


class AgentName(Text):
    """What customers read above an answer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=validation.MAX_AGENT_NAME, **options)

    def to_internal_value(self, data: Any) -> str:
        """The name, with single blanks."""
        try:
            return validation.agent_name(super().to_internal_value(data))
        except InvalidParameter as refusal:
            raise serializers.ValidationError(refusal.public_message) from None
