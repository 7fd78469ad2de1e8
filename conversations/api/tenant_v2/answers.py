"""Conversations, messages and agents as the v2 admin calls show them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, structs

from conversations import selectors
from conversations.attached import Attachment, shown
from conversations.identity.models import Person
from conversations.models import Agent, Conversation, Direction, Message, Remark, Status
from conversations.sessions.models import EndReason, Session
from conversations.socket.presence import PresenceState, read_presence
from conversations.visitors import wording
from conversations.visitors.selectors import find_visitor
from kernel.clock import iso_ms, iso_ms_or_none, now_ms
from kernel.rest.answers import Answer, Moment
from tenants.models import AuditEntry, Tenant


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


class PersonJson(Answer, frozen=True, kw_only=True):
    """A customer by the word of the tenant's own server."""

    subject: Annotated[str, Meta(description="`sub` of the identity token.")]
    name: str | None
    email: str | None
    phone: str | None
    attributes: dict[str, str | int | float | bool]

    @classmethod
    def of(cls, person: Person) -> "PersonJson":
        """As of their newest identity token."""
        return cls(
            subject=person.subject,
            name=person.name or None,
            email=person.email or None,
            phone=person.phone or None,
            attributes=person.attributes,
        )


class VisitorJson(Answer, frozen=True, kw_only=True):
    """Where a conversation's customer is on the website, and what the page says about them."""

    page: Annotated[
        str | None,
        Meta(description="The last one seen, without what follows `?` unless the tenant keeps it."),
    ]
    page_at: Annotated[Moment, Meta(description="When they came to it.")]
    first_page: Annotated[str | None, Meta(description="Where the first session began.")]
    referrer: Annotated[str | None, Meta(description="What led there.")]
    device: Annotated[
        str, Meta(description="In words, such as `Firefox on Linux`; empty where not known.")
    ]
    language: Annotated[str | None, Meta(description="In words, such as `Brazilian Portuguese`.")]
    time_zone: Annotated[str | None, Meta(description="Such as `Europe/Riga`.")]
    local_time: Annotated[str | None, Meta(description="At the time of this answer.")]
    attributes: Annotated[
        dict[str, str | int | float | bool],
        Meta(description="As the page has passed them. Anybody can: they prove nothing."),
    ]
    ip_address: Annotated[
        str | None, Meta(description="Only where the tenant keeps it (`visitors.ipAddress`).")
    ]

    person: Annotated[
        PersonJson | None, Meta(description="Null: no identity token has named them.")
    ]

    @classmethod
    def of(cls, conversation: Conversation) -> "VisitorJson | None":
        """What is stored about the customer; None where no session has told anything."""
        visitor = find_visitor(conversation=conversation)
        if visitor is None:
            return None
        return cls(
            page=visitor.page or None,
            page_at=iso_ms(visitor.page_at),
            first_page=visitor.first_page or None,
            referrer=visitor.referrer or None,
            device=visitor.device,
            language=wording.language_in_words(conversation.locale) or None,
            time_zone=visitor.time_zone or None,
            local_time=wording.local_time(visitor.time_zone, now_ms()) or None,
            attributes=visitor.attributes,
            ip_address=visitor.ip_address,
            person=None if visitor.person is None else PersonJson.of(visitor.person),
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


class MessageJson(Answer, frozen=True, kw_only=True):
    """A message; `seq` counts from 1 within its conversation."""

    id: UUID
    seq: int
    created_at: Moment
    edited_at: Moment | None
    direction: Direction
    text: str
    agent_id: UUID | None
    agent_name: Annotated[
        str | None,
        Meta(description="The name that the customer sees; null on their own messages."),
    ]
    template_key: Annotated[
        str | None, Meta(description="Which system message it is, if it is one.")
    ]
    attachments: Annotated[
        list[Attachment], Meta(description="Its files; with any, `text` may be empty.")
    ]

    @classmethod
    def of(cls, tenant: Tenant, message: Message) -> "MessageJson":
        """The message, under the label that its customer sees."""
        direction = Direction(message.direction)
        is_ours = direction is Direction.OUTBOUND
        return cls(
            id=message.pk,
            seq=message.seq,
            created_at=iso_ms(message.created_at),
            edited_at=iso_ms_or_none(message.edited_at),
            direction=direction,
            text=message.text,
            agent_id=message.agent_id,
            agent_name=selectors.agent_label(tenant=tenant, message=message) if is_ours else None,
            template_key=message.template_key or None,
            attachments=shown(message),
        )


class ReceiptsJson(Answer, frozen=True, kw_only=True):
    """Who has got and seen what, each up to a `seq`; 0 is none."""

    agents_delivered_seq: Annotated[
        int, Meta(description="Of the customer's messages: the agents' channel has accepted them.")
    ]
    agents_seen_seq: Annotated[int, Meta(description="Of the customer's: an agent has seen them.")]
    customer_delivered_seq: Annotated[
        int, Meta(description="Of messages to the customer: their widget has got them.")
    ]
    customer_seen_seq: Annotated[
        int, Meta(description="Of those: they stood in the open panel, on a visible page.")
    ]

    @classmethod
    def of(cls, conversation: Conversation) -> "ReceiptsJson":
        """As they stand."""
        return cls(
            agents_delivered_seq=conversation.agents_delivered_seq,
            agents_seen_seq=conversation.agents_seen_seq,
            customer_delivered_seq=conversation.customer_delivered_seq,
            customer_seen_seq=conversation.customer_seen_seq,
        )


class MessagePage(Answer, frozen=True, kw_only=True):
    """A stretch of a conversation's history."""

    data: list[MessageJson]
    has_more: Annotated[
        bool,
        Meta(description="Whether more follow: later ones, or with `before` alone, earlier ones."),
    ]
    receipts: ReceiptsJson


class RemarkJson(Answer, frozen=True, kw_only=True):
    """What an agent has said to colleagues about a conversation; customers never see it."""

    id: UUID
    created_at: Moment
    edited_at: Moment | None
    text: str
    agent: Annotated[AgentNameJson | None, Meta(description="Null when a program has made it.")]

    @classmethod
    def of(cls, remark: Remark) -> "RemarkJson":
        """The remark by its author."""
        return cls(
            id=remark.pk,
            created_at=iso_ms(remark.created_at),
            edited_at=iso_ms_or_none(remark.edited_at),
            text=remark.text,
            agent=None if remark.agent is None else AgentNameJson.of(remark.agent),
        )


class AgentJson(Answer, frozen=True, kw_only=True):
    """A person who answers."""

    id: UUID
    channel_user_id: Annotated[str, Meta(description="Such as the id of a Telegram user.")]
    channel_name: Annotated[str, Meta(description="What the channel calls them; empty: not known.")]
    display_name: Annotated[
        str, Meta(description="What customers see; empty: the tenant's support label.")
    ]
    is_enabled: Annotated[bool, Meta(description="Whether customers see the display name.")]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, agent: Agent) -> "AgentJson":
        """The agent as it is shown."""
        return cls(
            id=agent.pk,
            channel_user_id=agent.channel_user_id,
            channel_name=agent.channel_name,
            display_name=agent.display_name,
            is_enabled=agent.is_enabled,
            created_at=iso_ms(agent.created_at),
            updated_at=iso_ms(agent.updated_at),
        )


class ConversationFileJson(ConversationDetailJson, frozen=True, kw_only=True):
    """A conversation with its messages."""

    messages: list[MessageJson]


class TrailEntryJson(Answer, frozen=True, kw_only=True):
    """Something that happened to a conversation."""

    at: Moment
    action: str
    actor: Annotated[str, Meta(description="What sort of being acted, such as customer or agent.")]
    changes: dict[str, object]

    @classmethod
    def of(cls, entry: AuditEntry) -> "TrailEntryJson":
        """An entry of the audit trail about a conversation."""
        return cls(
            at=iso_ms(entry.at),
            action=entry.action,
            actor=entry.actor_kind,
            changes=entry.changes,
        )


class SessionState(StrEnum):
    """Whether it can be used."""

    ACTIVE = "active"
    EXPIRED = "expired"
    ENDED = "ended"


class SessionJson(Answer, frozen=True, kw_only=True):
    """A browser that can come back to a conversation, or could."""

    id: UUID
    device: Annotated[
        str, Meta(description="In words, such as `Firefox on Linux`; empty where not known.")
    ]
    origin: Annotated[str | None, Meta(description="Of the page that began it.")]
    state: SessionState
    created_at: Moment
    last_seen_at: Annotated[Moment, Meta(description="To a few minutes.")]
    expires_at: Moment
    ended_at: Moment | None
    end_reason: EndReason | None

    @classmethod
    def of(cls, session: Session) -> "SessionJson":
        """As it stands now."""
        reason = session.end_reason_at(now_ms())
        state = SessionState.ACTIVE
        if reason is not None:
            state = SessionState.EXPIRED if reason == EndReason.EXPIRED else SessionState.ENDED
        return cls(
            id=session.pk,
            device=session.device,
            origin=session.origin or None,
            state=state,
            created_at=iso_ms(session.created_at),
            last_seen_at=iso_ms(session.last_used_at),
            expires_at=iso_ms(session.expires_at),
            ended_at=iso_ms_or_none(session.ended_at),
            end_reason=reason,
        )


class PersonalHeadJson(Answer, frozen=True, kw_only=True):
    """What is stored about a customer, without the messages."""

    conversation: ConversationDetailJson
    sessions: list[SessionJson]
    audit: list[TrailEntryJson]


class PersonalDataJson(PersonalHeadJson, frozen=True, kw_only=True):
    """Everything that is stored about a customer."""

    messages: list[MessageJson]
