"""/v2/admin/conversations/{id}/seen, typing"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, services
from conversations.api.tenant_v2.base import TAGS, ConversationView
from conversations.api.tenant_v2.message_answers import ReceiptsJson
from conversations.socket import realtime
from kernel.rest.answers import answered
from kernel.rest.fields import Id
from tenants.api.v2.base import read


class SeenBody(serializers.Serializer[Any]):
    """How far an agent has read."""

    seq = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Without it: all there is."
    )


class TypingBody(serializers.Serializer[Any]):
    """Who writes."""

    agent_id = Id(
        required=False, allow_null=True, help_text="Without it, it is who has the conversation."
    )


class Seen(ConversationView):
    """What agents have read outside of the channel."""

    @extend_schema(
        operation_id="markSeen",
        tags=TAGS,
        summary="Say that an agent has seen the customer's messages",
        description="For a program in which agents read. The customer's widget shows it. A number "
        "lower than before changes nothing.",
        request=SeenBody,
        responses=answered(ReceiptsJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The receipts after it."""
        wanted = read(SeenBody, request)
        self.find(conversation_id)
        services.note_seen_by_agents(
            tenant=self.tenant, conversation_id=conversation_id, seq=wanted.get("seq")
        )
        return Response(ReceiptsJson.of(self.find(conversation_id)))


class Typing(ConversationView):
    """An agent who writes outside of the channel."""

    @extend_schema(
        operation_id="showTyping",
        tags=TAGS,
        summary="Show the customer that an agent is writing",
        description="For six seconds: say it again every few while it lasts. Nothing is stored, "
        "but that the agent has seen the conversation.",
        request=TypingBody,
        responses={204: None},
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Shown, where a widget is open."""
        wanted = read(TypingBody, request)
        conversation = self.find(conversation_id)
        agent_id = wanted.get("agent_id")
        agent = (
            selectors.get_assigned_agent(conversation=conversation)
            if agent_id is None
            else selectors.get_agent_by_id(tenant=self.tenant, agent_id=agent_id)
        )
        services.note_seen_by_agents(tenant=self.tenant, conversation_id=conversation_id)
        label = selectors.public_agent_label(tenant=self.tenant, agent=agent)
        realtime.push_agent_typing(conversation=conversation, agent_label=label)
        return Response(None, 204)
