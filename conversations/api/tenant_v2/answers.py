"""Conversations as the v2 admin calls show them."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, structs

from conversations.api.tenant_v2.visitor_answers import VisitorJson
from conversations.models import Agent, Conversation, Status
from conversations.socket.presence import PresenceState, read_presence
from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Moment


class AgentNameJson(Answer, frozen=True, kw_only=True):
    """Who has a conversation."""

    id: UUID
    display_name: Annotated[str, Meta(description="A name for colleagues, never empty.")]

    @classmethod
    def of(cls, agent: Agent) -> "AgentNameJson":
        """The agent by name."""
        return cls(id=agent.pk, display_name=agent.internal_name)


class LegalHoldJson(Answer, frozen=True, kw_only=True):
    """What keeps a conversation from being deleted."""

    since: Moment
    reason: str

    @classmethod
    def of(cls, conversation: Conversation) -> "LegalHoldJson | None":
        """The hold of a conversation, if there is one."""
        since = conversation.legal_hold_since
        if since is None:
            return None
        return cls(since=iso_ms(since), reason=conversation.legal_hold_reason)


class ConversationJson(Answer, frozen=True, kw_only=True):
    """A conversation, without its messages."""

    id: UUID
    codename: Annotated[str, Meta(description="What agents call it.")]
    customer_name: str | None
    note: Annotated[str | None, Meta(description="Private; customers never see it.")]
    status: Status
    locale: str
    thread_id: Annotated[
        str | None, Meta(description="Where agents see it, such as the number of a Telegram topic.")
    ]
    assigned_agent: AgentNameJson | None
    waiting_since: Annotated[
        Moment | None,
        Meta(description="The customer's first message that nobody has taken on yet."),
    ]
    last_customer_at: Moment | None
    last_agent_at: Moment | None
    last_message_at: Moment | None
    message_count: int
    closed_at: Annotated[
        Moment | None,
        Meta(description="While it is closed. It is deleted some days later: see settings."),
    ]
    legal_hold: LegalHoldJson | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, conversation: Conversation) -> "ConversationJson":
        """The conversation as it is shown; a list has its agents fetched."""
        agent = conversation.assigned_agent
        return cls(
            id=conversation.pk,
            codename=conversation.codename,
            customer_name=conversation.customer_name or None,
            note=conversation.about_note or None,
            status=Status(conversation.status),
            locale=conversation.locale,
            thread_id=conversation.thread_id,
            assigned_agent=None if agent is None else AgentNameJson.of(agent),
            waiting_since=iso_ms_or_none(conversation.waiting_since),
            last_customer_at=iso_ms_or_none(conversation.last_customer_at),
            last_agent_at=iso_ms_or_none(conversation.last_agent_at),
            last_message_at=iso_ms_or_none(conversation.last_message_at),
            message_count=conversation.last_seq,
            closed_at=iso_ms_or_none(conversation.closed_at),
            legal_hold=LegalHoldJson.of(conversation),
            created_at=iso_ms(conversation.created_at),
            updated_at=iso_ms(conversation.updated_at),
        )


class PresenceJson(Answer, frozen=True, kw_only=True):
    """Whether the customer has the page open."""

    state: Annotated[
        PresenceState,
        Meta(
            description="`left` half a minute after the last page was left; `unknown` wherever "
            "that cannot be said for sure."
        ),
    ]
    left_at: Moment | None

    @classmethod
    def of(cls, conversation: Conversation) -> "PresenceJson":
        """At this moment."""
        found = read_presence(tenant_id=conversation.tenant_id, conversation_id=conversation.pk)
        return cls(state=found.state, left_at=iso_ms_or_none(found.left_at))


class ConversationDetailJson(ConversationJson, frozen=True, kw_only=True):
    """A conversation with what is known about its customer, without its messages."""

    visitor: VisitorJson | None
    presence: PresenceJson

    @classmethod
    def of(cls, conversation: Conversation) -> "ConversationDetailJson":
        """The conversation as it is shown by itself."""
        return cls(
            **structs.asdict(ConversationJson.of(conversation)),
            visitor=VisitorJson.of(conversation),
            presence=PresenceJson.of(conversation),
        )
