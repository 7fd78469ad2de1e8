"""Conversations and agents as the v1 admin calls spell them."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from conversations.api.customer.answers import V1Message
from conversations.models import Agent, Conversation, Status
from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Moment


class V1Conversation(Answer, frozen=True, kw_only=True, rename="camel"):
    """A conversation, without its messages."""

    id: UUID
    codename: str
    customer_name: str | None
    about_note: str | None
    thread_id: int | None
    status: Status
    assigned_agent_tg_id: str | None
    assigned_agent_name: str | None
    last_customer_at: Moment | None
    last_agent_at: Moment | None
    locale: str
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, conversation: Conversation) -> "V1Conversation":
        """The conversation as it is shown; a list has its agents fetched."""
        agent = conversation.assigned_agent
        return cls(
            id=conversation.pk,
            codename=conversation.codename,
            customer_name=conversation.customer_name or None,
            about_note=conversation.about_note or None,
            thread_id=_number(conversation.thread_id),
            status=Status(conversation.status),
            assigned_agent_tg_id=None if agent is None else agent.channel_user_id,
            assigned_agent_name=None if agent is None else agent.internal_name,
            last_customer_at=iso_ms_or_none(conversation.last_customer_at),
            last_agent_at=iso_ms_or_none(conversation.last_agent_at),
            locale=conversation.locale,
            created_at=iso_ms(conversation.created_at),
            updated_at=iso_ms(conversation.updated_at),
        )


def _number(thread_id: str | None) -> int | None:
    """v1 knows threads by number only."""
    return int(thread_id) if thread_id is not None and thread_id.isdecimal() else None


class V1ConversationWithMessages(V1Conversation, frozen=True, kw_only=True, rename="camel"):
    """A conversation with its whole history, the oldest message first."""

    messages: list[V1Message]


class V1Moderated(Answer, frozen=True, kw_only=True):
    """How a conversation stands now."""

    ok: bool
    id: UUID
    status: Status


class V1Deleted(Answer, frozen=True, kw_only=True):
    """How many there were."""

    deleted: int


class V1Agent(Answer, frozen=True, kw_only=True, rename="camel"):
    """A person who answers."""

    tg_id: str
    display_name: str
    is_enabled: bool
    is_active: Annotated[bool, Meta(description="The same as `isEnabled`.")]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, agent: Agent) -> "V1Agent":
        """The agent; an empty name means that customers see the support label."""
        return cls(
            tg_id=agent.channel_user_id,
            display_name=agent.display_name,
            is_enabled=agent.is_enabled,
            # The same under the name that the first programs knew.
            is_active=agent.is_enabled,
            created_at=iso_ms(agent.created_at),
            updated_at=iso_ms(agent.updated_at),
        )
