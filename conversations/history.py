"""The history call's answer, in pieces that memory has room for, however long the conversation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from conversations import selectors
from conversations.access import customer_scope, require_not_ended
from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Message
from conversations.tokens import TokenSession
from kernel.rest.answers import Answer, encode
from tenants.models import Tenant

# A piece is sent when it has reached this size; one batch of the longest messages is larger.
PIECE_BYTES = 128 * 1024
_BATCH = 100


class CustomerReceipts(Answer, frozen=True, kw_only=True):
    """Up to which seq the customer's messages are with the agents, and seen by one."""

    delivered_seq: int
    seen_seq: int

    @classmethod
    def of(cls, conversation: Conversation) -> "CustomerReceipts":
        """As they stand."""
        seen = conversation.agents_seen_seq
        return cls(delivered_seq=max(conversation.agents_delivered_seq, seen), seen_seq=seen)


ShowMessage = Callable[[Tenant, Message], Answer]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages: all, or those after a seq or a moment, before a seq, at most so many.

    `with_deleted`: the reader knows what to make of those that were deleted.
    """

    after: int | None = None
    since: datetime | None = None
    before: int | None = None
    limit: int | None = None
    with_deleted: bool = False

    @property
    def is_from_the_end(self) -> bool:
        """Of what is too much, the newest: a caller who names no start does not read on."""
        return self.limit is not None and self.after is None and self.since is None


class History:
    """An answer as it is read: one object with `status`, `messages` and maybe `closed_note`.

    A session's token reads `receipts` too.

    It ends with the message that is the newest when the reading starts. Each piece has a scope of
    its own: while a client reads, no connection to the database is held.
    """

    def __init__(
        self,
        *,
        tenant_id: UUID,
        conversation_id: UUID,
        wanted: Wanted,
        show: ShowMessage,
        session: TokenSession | None = None,
    ) -> None:
        """`session` is that of the reader's token, which must not have ended."""
        self.tenant_id = tenant_id
        self._session = session
        self._conversation_id = conversation_id
        self._wanted = wanted
        self._show = show
        self._conversation: Conversation | None = None
        self._end = b""
        self._position = wanted.after or 0
        self._last = 0
        self._left = wanted.limit
        self._separator = b""
        self.is_complete = False

    def next_piece(self) -> bytes:
        """The next bytes, which are the last ones when `is_complete` is set.

        Raises ConversationNotFound and TenantSuspended, in the middle as well as at the start, and
        SessionEnded at the start.
        """
        with customer_scope(self.tenant_id) as tenant:
            conversation = self._conversation
            opening = b""
            if conversation is None:
                conversation, opening = self._begin(tenant)
            elif selectors.find_status(tenant=tenant, conversation_id=conversation.pk) is None:
                # What is left of a deleted conversation must not look like its end.
                raise ConversationNotFound(conversation_id=conversation.pk)
            pieces = [opening]
            size = 0
            while size < PIECE_BYTES and not self.is_complete:
                pieces.append(self._batch(tenant, conversation))
                size += len(pieces[-1])
        if self.is_complete:
            pieces.append(self._end)
        return b"".join(pieces)

    def fetch(self) -> bytes | None:
        """As `next_piece`; None once all is read."""
        return None if self.is_complete else self.next_piece()

    def _begin(self, tenant: Tenant) -> tuple[Conversation, bytes]:
        require_not_ended(tenant, self._session)
        conversation = selectors.get_conversation(
            tenant=tenant, conversation_id=self._conversation_id
        )
        note = selectors.find_closed_note(tenant=tenant, conversation=conversation)
        ending = b"" if note is None else b',"closed_note":' + encode(note)
        if self._session is not None:
            ending += b',"receipts":' + encode(CustomerReceipts.of(conversation))
        self._conversation, self._end = conversation, b"]" + ending + b"}"
        before = self._wanted.before
        self._last = conversation.last_seq if before is None else before - 1
        self._last = min(self._last, conversation.last_seq)
        if self._wanted.is_from_the_end:
            self._position = self._position_before_the_newest(tenant, conversation)
        return conversation, b'{"status":' + encode(conversation.status) + b',"messages":['

    def _position_before_the_newest(self, tenant: Tenant, conversation: Conversation) -> int:
        found = selectors.list_messages(
            tenant=tenant,
            conversation=conversation,
            up_to=self._last,
            with_deleted=self._wanted.with_deleted,
        )
        first = selectors.find_seq_from_the_end(found, self._wanted.limit or 1)
        return 0 if first is None else first - 1

    def _batch(self, tenant: Tenant, conversation: Conversation) -> bytes:
        rows = _BATCH if self._left is None else min(_BATCH, self._left)
        found = selectors.list_messages(
            tenant=tenant,
            conversation=conversation,
            after=self._position,
            since=self._wanted.since,
            up_to=self._last,
            with_deleted=self._wanted.with_deleted,
        )
        messages = list(found[:rows])
        if self._left is not None:
            self._left -= len(messages)
        if messages:
            self._position = messages[-1].seq
        is_the_end = len(messages) < rows or self._position >= self._last or self._left == 0
        self.is_complete = is_the_end
        if not messages:
            return b""
        text = self._separator + b",".join([encode(self._show(tenant, one)) for one in messages])
        self._separator = b","
        return text
