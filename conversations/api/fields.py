"""Values of bodies that several calls take."""

from typing import Any

from rest_framework import serializers

from conversations import validation
from kernel.errors import InvalidParameter
from kernel.rest.fields import Text


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
