"""What sockets are sent: one struct per frame, as each protocol spells it.

v1 frames other than messages and notes carry no `text`: the predecessor's widget draws a bubble for
whatever has one.
"""

import msgspec
from msgspec import UNSET, UnsetType

from conversations.attached import Attachment


class Frame(msgspec.Struct, frozen=True):
    """One frame; what is unset is left out."""


class Ready(Frame, frozen=True):
    """The greeting: the socket is open."""

    ok: bool = True


class V1Message(Frame, frozen=True, rename={"created_at": "createdAt"}):
    """A message with the customer's words as they typed them."""

    direction: str
    text: str
    id: str
    seq: int
    created_at: str
    agent: str | UnsetType = UNSET


class V1Error(Frame, frozen=True):
    """Something was refused."""

    error: str


class TypedFrame(Frame, frozen=True, tag_field="type"):
    """A frame that says what it is: all of v2, and what v1 has besides messages and errors."""


class AgentJoinedFrame(TypedFrame, frozen=True, tag="agent_joined"):
    """An agent has the conversation now."""

    agent: str


class InfoNote(TypedFrame, frozen=True, tag="info_note"):
    """A system message, or why a v1 sender is refused; `id` and `seq` where the history has it."""

    key: str
    text: str
    id: str | UnsetType = UNSET
    seq: int | UnsetType = UNSET


class ConversationClosedFrame(TypedFrame, frozen=True, tag="conversation_closed"):
    """The conversation is closed; writing opens it again."""


class V2Message(TypedFrame, frozen=True, tag="message"):
    """A message with the words that are stored."""

    id: str
    seq: int
    direction: str
    text: str
    created_at: str
    agent: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET


class ConversationReopenedFrame(TypedFrame, frozen=True, tag="conversation_reopened"):
    """The conversation is open again."""


class MessageEditedFrame(TypedFrame, frozen=True, tag="message_edited"):
    """A message has other words now."""

    id: str
    text: str


class MessageDeletedFrame(TypedFrame, frozen=True, tag="message_deleted"):
    """A message was taken back."""

    id: str


class DeliveredFrame(TypedFrame, frozen=True, tag="delivered"):
    """The channel has accepted the customer's message."""

    id: str


class ReceiptsFrame(TypedFrame, frozen=True, tag="receipts"):
    """Up to which seq the customer's messages are with the agents, and seen by one."""

    delivered_seq: int
    seen_seq: int


class TypingFrame(TypedFrame, frozen=True, tag="typing", rename={"from_": "from"}):
    """Somebody is writing; an agent by name, for as many seconds as it says."""

    from_: str
    agent: str | UnsetType = UNSET
    expires_in: int | UnsetType = UNSET


class Ack(TypedFrame, frozen=True, tag="ack"):
    """The sender's message is stored."""

    client_id: str | UnsetType
    id: str
    seq: int
    created_at: str


class ErrorFrame(TypedFrame, frozen=True, tag="error"):
    """Something was refused."""

    client_id: str | UnsetType
    code: str
    message: str


class PongFrame(TypedFrame, frozen=True, tag="pong"):
    """The answer to a ping."""


def encode(frame: Frame) -> str:
    """A frame as text."""
    return msgspec.json.encode(frame).decode()
