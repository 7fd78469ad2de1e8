"""What has happened to a conversation.

Events carry the objects as they are after the change, still inside its transaction: a subscriber
needs no query of its own to react.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conversations.models import Agent, Conversation, Message, Remark
from conversations.sessions.models import EndReason
from kernel.events import Event
from tenants.audit import Actor
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class ConversationEvent(Event):
    """Base: whose conversation, and which."""

    tenant: Tenant
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class ConversationStarted(ConversationEvent):
    """A customer has opened a conversation; nothing is said yet."""


@dataclass(frozen=True, slots=True)
class MessageAdded(ConversationEvent):
    """A message is part of the history now.

    `echo_text` is what the customer typed, untrimmed, for sockets that compare it with their own.
    `has_reopened`: the conversation was closed, and this message has opened it again.
    `is_news_to_agents`: a program has answered from outside the agents' channel.
    """

    message: Message
    echo_text: str = ""
    has_reopened: bool = False
    is_news_to_agents: bool = False


@dataclass(frozen=True, slots=True)
class MessageEdited(ConversationEvent):
    """An agent has changed the words of a message."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageDeleted(ConversationEvent):
    """What an agent has said is taken back: its words and files are gone, its number stays."""

    message: Message


@dataclass(frozen=True, slots=True)
class RemarkAdded(ConversationEvent):
    """A program has made a remark from outside the agents' channel."""

    remark: Remark


@dataclass(frozen=True, slots=True)
class AgentsHaveSeen(ConversationEvent):
    """Agents have seen more of the customer's messages: up to `agents_seen_seq`."""


@dataclass(frozen=True, slots=True)
class ConversationClaimed(ConversationEvent):
    """`agent` has it now; `previous` had it before, when it was taken over.

    `actor` has decided that: the agent, unless it was given to them.
    """

    agent: Agent
    previous: Agent | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class ConversationClosed(ConversationEvent):
    """Finished, until the customer writes again or an agent reopens it."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class ConversationReopened(ConversationEvent):
    """Open again, with nobody assigned."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class ConversationBlocked(ConversationEvent):
    """The customer cannot write any more."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class LegalHoldChanged(ConversationEvent):
    """A legal hold was placed on it, got another reason, or was lifted: see its fields."""


@dataclass(frozen=True, slots=True)
class ConversationsDeleted(Event):
    """These conversations are about to go, with everything that hangs on them.

    The rows are still there and locked, so that a subscriber can read what it has of them.
    """

    tenant: Tenant
    conversations: tuple[Conversation, ...]
    actor: Actor


@dataclass(frozen=True, slots=True)
class SessionsEnded(Event):
    """These sessions of one conversation cannot be used any more."""

    conversation_id: UUID
    session_ids: tuple[UUID, ...]
    reason: EndReason


@dataclass(frozen=True, slots=True)
class TitleChanged(ConversationEvent):
    """The customer's name, the codename or whether there is a note has changed."""


@dataclass(frozen=True, slots=True)
class LocaleChanged(ConversationEvent):
    """System messages now follow another language."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Which reminder about which wait: the `number`-th about one that began at `waiting_since`."""

    waiting_since: datetime
    number: int


@dataclass(frozen=True, slots=True)
class AgentsNotified(ConversationEvent):
    """The product has something to say to the agents of this conversation.

    `reminder`: pointless as soon as it is not the newest one about this wait.
    """

    text: str
    key: str
    is_pinned: bool
    reminder: Reminder | None = None
