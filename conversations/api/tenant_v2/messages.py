"""/v2/admin/conversations/{id}/messages"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, services, validation
from conversations.api.fields import AgentName
from conversations.api.tenant_v2.base import TAGS, ConversationView, about
from conversations.api.tenant_v2.message_answers import MessageJson, MessagePage, ReceiptsJson
from conversations.api.tenant_v2.queries import MessagesQuery, read_query
from conversations.models import Agent, Message
from kernel.rest.answers import answered
from kernel.rest.fields import Flag, Id, Text
from tenants.api.v2.base import read


class Reply(serializers.Serializer[Any]):
    """An answer to the customer."""

    text = Text(
        trim_whitespace=False,
        allow_blank=True,
        help_text="1 to 4000 characters, counted in UTF-16 units.",
    )
    agent_id = Id(
        required=False, allow_null=True, help_text="Who answers; their name is the label."
    )
    agent_name = AgentName(
        required=False,
        allow_null=True,
        help_text="Another label. Without both, it is that of the agent who has the conversation.",
    )
    claim = Flag(
        default=False, help_text="Claim the conversation for `agent_id` first, if nobody has it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A name of its own, or the agent's; and a claim needs somebody."""
        if attrs.get("agent_id") and attrs.get("agent_name"):
            raise serializers.ValidationError({"agent_name": ["Give agent_id or agent_name."]})
        if attrs["claim"] and not attrs.get("agent_id"):
            raise serializers.ValidationError({"agent_id": ["Say for whom to claim."]})
        return attrs


class Messages(ConversationView):
    """What was said."""

    @extend_schema(
        operation_id="listMessages",
        tags=TAGS,
        summary="Read the messages of a conversation",
        description="Oldest first, from the beginning or after a `seq`. With `before` alone, the "
        "newest ones before that `seq`.",
        parameters=[MessagesQuery],
        responses=answered(MessagePage),
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """A stretch of the history."""
        conversation = self.find(conversation_id)
        query = read_query(MessagesQuery, request)
        after, before, limit = query.get("after"), query.get("before"), query["limit"]
        rows = selectors.list_messages(
            tenant=self.tenant, conversation=conversation, after=after, with_deleted=True
        )
        if before is not None:
            rows = rows.filter(seq__lt=before)
        is_backwards = before is not None and after is None
        found: list[Message] = list((rows.reverse() if is_backwards else rows)[: limit + 1])
        page = found[:limit]
        shown = [MessageJson.of(self.tenant, m) for m in (page[::-1] if is_backwards else page)]
        return Response(
            MessagePage(
                data=shown,
                has_more=len(found) > limit,
                receipts=ReceiptsJson.of(conversation),
            )
        )

    @extend_schema(
        operation_id="reply",
        tags=TAGS,
        summary="Reply as an agent",
        description="The customer gets it at once, and agents see it in the Telegram topic. As in "
        "Telegram, somebody must have claimed the conversation: otherwise the answer is 409 "
        "`conversation_not_claimed`, unless `claim` is true. Where only the claimer answers (the "
        "setting `replies.from`), another `agent_id` gets 409 `not_the_claimer`.",
        request=Reply,
        responses=answered(MessageJson, 201),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The message as it is stored."""
        wanted = read(Reply, request)
        with about("text"):
            text = validation.message_text(wanted["text"])
        # First, so that another tenant's conversation is refused whatever else is wrong.
        self.find(conversation_id)
        agent = self._agent(wanted.get("agent_id"))
        if wanted["claim"] and agent is not None:
            services.claim_conversation(
                tenant=self.tenant, conversation_id=conversation_id, agent=agent, actor=self.actor
            )
        message = services.add_agent_reply(
            tenant=self.tenant,
            conversation_id=conversation_id,
            agent=agent,
            text=text,
            label=wanted.get("agent_name") or "",
            said_by=self.actor,
        )
        return Response(MessageJson.of(self.tenant, message), 201)

    def _agent(self, agent_id: UUID | None) -> Agent | None:
        if agent_id is None:
            return None
        return selectors.get_agent_by_id(tenant=self.tenant, agent_id=agent_id)
