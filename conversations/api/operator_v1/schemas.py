"""What the v1 admin calls answer, for the API's description."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from conversations.models import Direction, Status

TAGS = ["v1 admin"]
STATUS = OpenApiParameter(
    "status", str, enum=["open", "closed", "blocked", "all"], description="`all` without it."
)
SEARCH = OpenApiParameter(
    "q",
    str,
    description="Words of a codename, a customer's name or a note, or parts of them; or an id.",
)
CSV_FILE = {(200, "text/csv"): OpenApiTypes.STR}
NONE_OF_THEM = {200: OpenApiResponse({"type": "array", "items": {}, "maxItems": 0})}
NO_MORE = {410: OpenApiResponse(description="It has been taken away for good.")}


class V1Message(serializers.Serializer[Any]):
    """A message."""

    id = serializers.UUIDField()
    seq = serializers.IntegerField()
    createdAt = serializers.DateTimeField()
    direction = serializers.ChoiceField(list(Direction.values))
    text = serializers.CharField()
    agent = serializers.CharField(required=False)


class V1Conversation(serializers.Serializer[Any]):
    """A conversation, without its messages."""

    id = serializers.UUIDField()
    codename = serializers.CharField()
    customerName = serializers.CharField(allow_null=True)
    aboutNote = serializers.CharField(allow_null=True)
    threadId = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(list(Status.values))
    assignedAgentTgId = serializers.CharField(allow_null=True)
    assignedAgentName = serializers.CharField(allow_null=True)
    lastCustomerAt = serializers.DateTimeField(allow_null=True)
    lastAgentAt = serializers.DateTimeField(allow_null=True)
    locale = serializers.CharField()
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()


class V1ConversationWithMessages(V1Conversation):
    """A conversation with its whole history, the oldest message first."""

    messages = V1Message(many=True)


class V1Moderated(serializers.Serializer[Any]):
    """How a conversation stands now."""

    ok = serializers.BooleanField()
    id = serializers.UUIDField()
    status = serializers.ChoiceField(list(Status.values))


class V1Deleted(serializers.Serializer[Any]):
    """How many there were."""

    deleted = serializers.IntegerField()


class V1Agent(serializers.Serializer[Any]):
    """Somebody who answers."""

    tgId = serializers.CharField()
    displayName = serializers.CharField(allow_blank=True)
    isEnabled = serializers.BooleanField()
    isActive = serializers.BooleanField(help_text="The same as `isEnabled`.")
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()
