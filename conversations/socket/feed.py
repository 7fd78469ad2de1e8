"""Showing a conversation on a socket: messages by seq, each once, and what comes between them."""

import asyncio
from collections import deque
from enum import Enum, auto
from time import monotonic
from typing import Final, Protocol

import structlog
from django.db import Error

from conversations import metrics
from conversations.errors import SessionEnded
from conversations.socket import actions, realtime
from conversations.socket.pushes import (
    DeletedPush,
    MessagePush,
    Push,
    SessionsEndedPush,
    SuspendedPush,
)
from conversations.tokens import TokenClaims
from kernel.database import is_outage
from kernel.errors import DomainError
from kernel.long_answer_slots import SLOTS, HangUp, Slot, claims_of
from kernel.service_threads import in_thread_of
from tenants.errors import TenantSuspended

logger = structlog.get_logger(__name__)

# Pushes that wait for a slow reader; beyond this it reads what it missed from the database.
_MAX_WAITING = 256
# Before the newest seq is known: no push is from the future, and none can be missed.
_UNKNOWN_SEQ = 2**31


class State(Enum):
    """What a feed may do."""

    OPENING = auto()
    """Pushes are taken, and shown once the socket is open."""
    SHOWING = auto()
    HOLDING = auto()
    """The customer's own message is being stored. Nothing is shown until its push is here."""
    GONE = auto()
    """The customer has hung up: nothing is shown, but what they have sent is still stored."""
    ENDED = auto()
    """The socket is closed by us."""


class Viewer(Protocol):
    """The socket, as its feed sees it."""

    async def show(self, push: Push) -> None:
        """Send a push, if this socket can show it; raises OSError when the customer has gone."""

    async def end(self, error: DomainError | None) -> None:
        """Close the socket, after saying why where there is a reason to give."""


class _Resync:
    """In the queue: read from the database what pushes have not brought."""


_RESYNC: Final = _Resync()


class MessageFeed:
    """What one socket is still to be shown, and the task that shows it.

    Messages are shown strictly by seq: a push from the future first brings what lies between, one
    from the past is dropped, so each message appears exactly once whichever way it came.
    """

    def __init__(
        self,
        viewer: Viewer,
        *,
        claims: TokenClaims,
        network: str | None,
        hang_up: HangUp | None,
    ) -> None:
        """`claims` are of its token, `network` is where it comes from, as bounds count it.

        `hang_up` ends the connection of a client that does not read.
        """
        self.tenant_id = claims.tenant_id
        self.conversation_id = claims.conversation_id
        self.last_seq = _UNKNOWN_SEQ
        self.state = State.OPENING
        self._claims = claims
        self._viewer = viewer
        self._network = network
        self._hang_up = hang_up
        self._queue: deque[Push | _Resync] = deque()
        self._shower: asyncio.Task[None] | None = None

    # --- what the hub calls ------------------------------------------------------------------

    def offer(self, push: Push) -> None:
        """Take a push; never blocks, and forgets rather than grows."""
        if isinstance(push, SuspendedPush):
            self._queue.clear()
        elif len(self._queue) >= _MAX_WAITING:
            self._queue.clear()
            self._queue.append(_RESYNC)
        self._queue.append(push)
        self._show_soon()

    def resync(self) -> None:
        """Read from the database what pushes have not brought."""
        if not self._queue or self._queue[0] is not _RESYNC:
            self._queue.appendleft(_RESYNC)
        self._show_soon()

    # --- what the socket calls ---------------------------------------------------------------

    def start_after(self, seq: int, *, newest: int) -> None:
        """What is newer than `seq` is still to be shown; the newest message is known."""
        self.last_seq = seq
        if seq < newest:
            self.resync()

    def open(self) -> None:
        """The socket is open: show what has come, and what will come."""
        self.state = State.SHOWING
        self._show_soon()

    def hold(self) -> None:
        """Show nothing while the customer's own message is being stored.

        Read from the database, it would lack what they typed; and it must not overtake its
        acknowledgement.
        """
        if self.state is State.SHOWING:
            self.state = State.HOLDING

    def release(self) -> None:
        """The message is stored, and its push is here; or it is refused."""
        if self.state is State.HOLDING:
            self.state = State.SHOWING
        self._show_soon()

    async def shown(self) -> None:
        """Return when what has come until now is shown."""
        if self._shower is not None:
            await self._shower

    @property
    def is_writable(self) -> bool:
        """Whether the socket can still be sent anything."""
        return self.state not in (State.GONE, State.ENDED)

    @property
    def has_ended(self) -> bool:
        """Whether this side has ended it."""
        return self.state == State.ENDED

    def end(self) -> None:
        """Show nothing any more."""
        self.state = State.ENDED

    def forget(self) -> None:
        """The socket's life is over."""
        self.end()
        if self._shower is not None:
            self._shower.cancel()

    # --- showing -----------------------------------------------------------------------------

    def _show_soon(self) -> None:
        if self._shower is None and self._can_show:
            self._shower = asyncio.get_running_loop().create_task(self._show_all())

    @property
    def _can_show(self) -> bool:
        return self.state is State.SHOWING and bool(self._queue)

    async def _show_all(self) -> None:
        try:
            while self._can_show:
                await self._show_next()
        except Error as error:
            if not is_outage(error):
                raise
            # Without the database the gap cannot be filled now. The hub says when to try again,
            # to all sockets at once: their own attempts would keep the service threads busy.
            logger.debug("socket_behind")
            realtime.use_loop(asyncio.get_running_loop()).fall_behind(self)
        except DomainError as error:
            # The conversation has been deleted or its tenant suspended: there is nothing to show.
            logger.info("socket_ended", code=error.code)
            await self._viewer.end(error)
        except OSError as error:
            # The customer has gone in this moment; the receive loop is about to hear of it.
            logger.debug("socket_gone", error=type(error).__name__)
            if self.is_writable:
                self.state = State.GONE
        finally:
            self._shower = None

    async def _show_next(self) -> None:
        entry = self._queue.popleft()
        is_shown = False
        try:
            is_shown = await self._show(entry)
        finally:
            if not is_shown:
                # What comes before it could not be read, or not yet.
                self._queue.appendleft(entry)

    async def _show(self, entry: Push | _Resync) -> bool:
        """Whether it is done with; False when the customer's own message has to come first."""
        match entry:
            case _Resync():
                return await self._catch_up()
            case SuspendedPush():
                raise TenantSuspended()
            case DeletedPush():
                # The widget's next attempt is refused, which makes it start anew.
                await self._viewer.end(None)
            case SessionsEndedPush():
                if self._is_of_one(entry):
                    raise SessionEnded.of(entry.reason)
            case MessagePush():
                if entry.seq <= self.last_seq:
                    return True
                # Up to the push, which is shown itself: it alone knows the words untrimmed.
                if not await self._catch_up_to(entry.seq - 1):
                    return False
                self.last_seq = entry.seq
                await self._viewer.show(entry)
            case _:
                if not await self._catch_up_to(entry.seq):
                    return False
                await self._viewer.show(entry)
        return True

    def _is_of_one(self, ended: SessionsEndedPush) -> bool:
        session = self._claims.session
        return session is not None and str(session.id) in ended.session_ids

    async def _catch_up_to(self, seq: int) -> bool:
        return seq <= self.last_seq or await self._catch_up(up_to=seq)

    async def _catch_up(self, up_to: int | None = None) -> bool:
        """Send what the database has; False when the customer's own message came between."""
        metrics.RESYNCS.inc()
        slot: Slot | None = None
        try:
            while True:
                missed = await in_thread_of(
                    self.conversation_id,
                    actions.missed,
                    self._claims,
                    self.last_seq,
                    up_to,
                )
                if self.state is not State.SHOWING:
                    # It may be among these, without what they typed: its push is on its way.
                    return False
                await self._show_missed(missed, slot)
                if len(missed) < actions.MISSED_BATCH:
                    # What is missing up to there was deleted: it is not asked for again.
                    self.last_seq = max(self.last_seq, up_to or 0)
                    return True
                if slot is None:
                    claims = claims_of(self._network, self.tenant_id, self.conversation_id)
                    slot = await SLOTS.wait_for(claims)
                    slot.hang_up = self._hang_up
        finally:
            if slot is not None:
                slot.release()

    async def _show_missed(self, missed: list[MessagePush], slot: Slot | None) -> None:
        """Send a batch at the pace of the client."""
        # What is on its way as a push is shown as that says it: a raw echo stays raw.
        on_their_way = {push.seq: push for push in self._queue if isinstance(push, MessagePush)}
        for push in missed:
            self.last_seq = push.seq
            if slot is not None:
                slot.waits_since = monotonic()
            await self._viewer.show(on_their_way.get(push.seq, push))
        if slot is not None:
            slot.waits_since = None
