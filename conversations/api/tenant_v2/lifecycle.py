"""/v2/admin/conversations/{id}/claim, close, reopen, block, ban"""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, services
from conversations.api.tenant_v2.answers import ConversationDetailJson
from conversations.api.tenant_v2.base import TAGS, ConversationView
from conversations.bans import services as bans
from kernel.rest.answers import answered
from kernel.rest.fields import Flag, Id
from tenants.api.v2.base import read


class Claiming(serializers.Serializer[Any]):
    """Who takes it on."""

    agent_id = Id()
    take_over = Flag(default=False, help_text="Also out of a colleague's hands.")


class Nothing(serializers.Serializer[Any]):
    """No fields."""


class Claim(ConversationView):
    """Giving the conversation to an agent."""

    @extend_schema(
        operation_id="claimConversation",
        tags=TAGS,
        summary="Claim a conversation for an agent",
        description="The customer sees who has joined, and so does the topic. 409 "
        "`conversation_already_claimed` when a colleague has it, `conversation_not_claimable` "
        "when it is closed or blocked. Once more for the same agent is fine.",
        request=Claiming,
        responses=answered(ConversationDetailJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The conversation, in the agent's hands."""
        wanted = read(Claiming, request)
        self.find(conversation_id)
        agent = selectors.get_agent_by_id(tenant=self.tenant, agent_id=wanted["agent_id"])
        services.claim_conversation(
            tenant=self.tenant,
            conversation_id=conversation_id,
            agent=agent,
            take_over=wanted["take_over"],
            actor=self.actor,
        )
        return self.shown(conversation_id)


class _Move(ConversationView):
    """A step that takes nothing but the conversation; once more is fine."""

    act: ClassVar[Callable[..., bool]]

    def move(self, request: Request, conversation_id: UUID) -> Response:
        """The conversation after the step."""
        read(Nothing, request)
        type(self).act(tenant=self.tenant, conversation_id=conversation_id, actor=self.actor)
        return self.shown(conversation_id)


class Close(_Move):
    """Finishing it."""

    act = services.close_conversation

    @extend_schema(
        operation_id="closeConversation",
        tags=TAGS,
        summary="Close a conversation",
        description="The customer reads the closing message and the topic is closed. What is "
        "closed or blocked stays as it is.",
        request=None,
        responses=answered(ConversationDetailJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The closed conversation."""
        return self.move(request, conversation_id)


class Reopen(_Move):
    """Opening it again."""

    act = services.reopen_conversation

    @extend_schema(
        operation_id="reopenConversation",
        tags=TAGS,
        summary="Reopen a conversation",
        description="Lifts a block and a ban too. Nobody has the conversation then. What is open "
        "stays so.",
        request=None,
        responses=answered(ConversationDetailJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The open conversation."""
        return self.move(request, conversation_id)


class Block(_Move):
    """Stopping the customer from writing."""

    act = services.block_conversation

    @extend_schema(
        operation_id="blockConversation",
        tags=TAGS,
        summary="Block a customer",
        description="They can read what was said, and write no more in this conversation.",
        request=None,
        responses=answered(ConversationDetailJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The blocked conversation."""
        return self.move(request, conversation_id)


class Ban(ConversationView):
    """Keeping the customer from beginning anew, too."""

    @extend_schema(
        operation_id="banCustomer",
        tags=TAGS,
        summary="Ban a customer",
        description="Blocks them as `block` does; for `bans.days`, nobody begins another "
        "conversation from the customer's address, nor with the key of one of its sessions. Both "
        "are stored as keyed hashes. Once more counts from now.",
        request=None,
        responses=answered(ConversationDetailJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The blocked conversation."""
        read(Nothing, request)
        bans.ban_customer(tenant=self.tenant, conversation_id=conversation_id, actor=self.actor)
        return self.shown(conversation_id)

    @extend_schema(
        operation_id="unbanCustomer",
        tags=TAGS,
        summary="Lift a customer's ban",
        description="And the block with it: the conversation is open again, and nobody has it. "
        "Where there is neither, nothing changes.",
        responses=answered(ConversationDetailJson),
    )
    def delete(self, request: Request, conversation_id: UUID) -> Response:
        """The open conversation."""
        bans.unban_customer(tenant=self.tenant, conversation_id=conversation_id, actor=self.actor)
        return self.shown(conversation_id)
