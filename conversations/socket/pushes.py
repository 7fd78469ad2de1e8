"""What sockets are told: one struct per push, made once and sent to every process.

A push is a hint, never the record. Each one carries the newest `seq`, so that a socket notices what
it has missed and reads it from the database.
"""

from functools import cached_property
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from conversations.attached import Attachment, with_addresses
from conversations.socket import frames
from conversations.socket.frames import Frame

# How long a customer is shown that an agent writes, unless they hear it again.
AGENT_TYPES_SECONDS = 6


class BasePush(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", dict=True):
    """How any push is shown: not at all, unless it says otherwise.

    Its texts are encoded once, however many sockets of this process show it.
    """

    is_message: ClassVar[bool] = False

    seq: int = 0
    """The message after which this means something; a message's own seq."""

    @cached_property
    def v1_text(self) -> str | None:
        """The frame for v1 sockets; None for what v1 cannot show."""
        frame = self._v1()
        return None if frame is None else frames.encode(frame)

    @cached_property
    def v2_text(self) -> str | None:
        """The frame for v2 sockets; None for what is not for customers."""
        frame = self._v2()
        return None if frame is None else frames.encode(frame)

    def _v1(self) -> Frame | None:
        return None

    def _v2(self) -> Frame | None:
        return self._v1()


class MessagePush(BasePush, frozen=True, kw_only=True, tag="message"):
    """A message; `text` is what the sender typed, where that is known."""

    is_message: ClassVar[bool] = True

    id: str
    created_at: str
    direction: str
    text: str
    stored_text: str | UnsetType = UNSET
    """Set where it differs from `text`."""
    client_id: str | UnsetType = UNSET
    agent: str | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET

    def _v1(self) -> Frame:
        text = with_addresses(self.text, self.attachments)
        return frames.V1Message(
            self.direction, text, self.id, self.seq, self.created_at, self.agent
        )

    def _v2(self) -> Frame:
        text = self.text if self.stored_text is UNSET else self.stored_text
        return frames.V2Message(
            *(self.id, self.seq, self.direction, text, self.created_at, self.agent, self.client_id),
            self.attachments,
        )


class EditedPush(BasePush, frozen=True, kw_only=True, tag="edited"):
    """A message has other words now."""

    id: str
    text: str

    def _v2(self) -> Frame:
        return frames.MessageEditedFrame(self.id, self.text)


class RemovedPush(BasePush, frozen=True, kw_only=True, tag="removed"):
    """A message was deleted."""

    id: str

    def _v2(self) -> Frame:
        return frames.MessageDeletedFrame(self.id)


class NotePush(BasePush, frozen=True, kw_only=True, tag="note"):
    """A system message; `message_id` and `message_seq` where the history has it too."""

    key: str
    text: str
    message_id: str | UnsetType = UNSET
    message_seq: int | UnsetType = UNSET

    def _v1(self) -> Frame:
        return frames.InfoNote(self.key, self.text, self.message_id, self.message_seq)


class AgentJoinedPush(BasePush, frozen=True, kw_only=True, tag="agent_joined"):
    """An agent has the conversation now."""

    agent: str

    def _v1(self) -> Frame:
        return frames.AgentJoinedFrame(self.agent)


class ClosedPush(BasePush, frozen=True, kw_only=True, tag="closed"):
    """The conversation is closed."""

    def _v1(self) -> Frame:
        return frames.ConversationClosedFrame()


class ReopenedPush(BasePush, frozen=True, kw_only=True, tag="reopened"):
    """The conversation is open again."""

    def _v2(self) -> Frame:
        return frames.ConversationReopenedFrame()


class DeliveredPush(BasePush, frozen=True, kw_only=True, tag="delivered"):
    """The channel has accepted a message of the customer's."""

    id: str

    def _v2(self) -> Frame:
        return frames.DeliveredFrame(self.id)


class ReceiptsPush(BasePush, frozen=True, kw_only=True, tag="receipts"):
    """How far the customer's messages have come; `seq` is that of the newest seen one."""

    delivered_seq: int

    def _v2(self) -> Frame:
        return frames.ReceiptsFrame(self.delivered_seq, self.seq)


class AgentTypingPush(BasePush, frozen=True, kw_only=True, tag="agent_typing"):
    """An agent is writing."""

    agent: str

    def _v2(self) -> Frame:
        return frames.TypingFrame("agent", self.agent, AGENT_TYPES_SECONDS)


class TypingPush(BasePush, frozen=True, kw_only=True, tag="typing"):
    """The customer is writing at this socket, which is not told itself."""

    socket_id: str

    def _v2(self) -> Frame:
        return frames.TypingFrame("customer")


class DeletedPush(BasePush, frozen=True, kw_only=True, tag="deleted"):
    """The conversation is gone: its sockets end."""


class SuspendedPush(BasePush, frozen=True, kw_only=True, tag="suspended"):
    """The tenant is not served any more: its sockets end."""


class SessionsEndedPush(BasePush, frozen=True, kw_only=True, tag="sessions_ended"):
    """These sessions have ended, and with them their sockets."""

    session_ids: tuple[str, ...]
    reason: str


Push = (
    MessagePush
    | EditedPush
    | RemovedPush
    | NotePush
    | AgentJoinedPush
    | ClosedPush
    | ReopenedPush
    | DeliveredPush
    | ReceiptsPush
    | AgentTypingPush
    | TypingPush
    | DeletedPush
    | SuspendedPush
    | SessionsEndedPush
)
