"""Showing a conversation on a socket: messages by seq, each once, and what comes between them."""

import asyncio
from collections import deque
from contextlib import suppress
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import structlog
from channels.consumer import AsyncConsumer
from django.db import Error

from conversations import metrics
from conversations.socket import actions, frames, handshake, realtime
from conversations.socket.frames import Frame
from conversations.socket.protocols import SocketProtocol
from conversations.socket.pushes import DeletedPush, Push, SuspendedPush, TypingPush
from kernel.database import is_outage
from kernel.errors import DomainError
from kernel.long_answer_slots import HANG_UP, SLOTS, Slot, claims_of
from kernel.service_threads import in_thread_of
from tenants.errors import TenantSuspended

logger = structlog.get_logger(__name__)

# Pushes that wait for a slow reader; beyond this it reads what it missed from the database.
_MAX_WAITING = 256
CLOSE_POLICY = 1008


class ShowingSocket(AsyncConsumer):  # type: ignore[misc]  # Channels ships no types
    """The half of a socket that the hub sees.

    Messages are shown strictly by seq: a push from the future first brings what lies between, one
    from the past is dropped, so each message appears exactly once whichever way it came.
    """

    conversation_id: UUID
    tenant_id: UUID
    last_seq: int
    scope: dict[str, Any]
    _protocol: SocketProtocol
    # Where it comes from, as bounds per address count it.
    _network: str | None
    # Whose socket it is, in metrics.
    _label: str

    def _prepare_to_show(self) -> None:
        self._waiting: deque[Push] = deque()
        self._must_resync = False
        self._shower: asyncio.Task[None] | None = None
        self._is_open = False
        self._is_holding = False
        self._has_ended = False
        self._refusal: DomainError | None = None
        self._socket_id = uuid4().hex

    def _begin_to_show(self) -> None:
        self._is_open = True
        metrics.SOCKETS.labels(self._label).inc()
        self._show_soon()

    def offer(self, push: Push) -> None:
        """Take a push from the hub; never blocks, and forgets rather than grows."""
        if isinstance(push, SuspendedPush):
            self._refusal = TenantSuspended()
        if len(self._waiting) >= _MAX_WAITING:
            self._waiting.clear()
            self._must_resync = True
        self._waiting.append(push)
        self._show_soon()

    def resync(self) -> None:
        """Read from the database what pushes have not brought."""
        self._must_resync = True
        self._show_soon()

    def _show_soon(self) -> None:
        if self._shower is None and self._has_something_to_show:
            self._shower = asyncio.get_running_loop().create_task(self._show_all())

    @property
    def _has_something_to_show(self) -> bool:
        # While a sender waits for an acknowledgement, what it has said must not overtake that.
        is_free = self._is_open and not self._is_holding
        return is_free and bool(self._waiting or self._must_resync or self._refusal)

    async def _show_all(self) -> None:
        try:
            while self._has_something_to_show:
                if self._refusal is not None:
                    raise self._refusal
                if self._must_resync:
                    self._must_resync = False
                    await self._catch_up()
                else:
                    await self._show_next()
        except Error as error:
            if not is_outage(error):
                raise
            # Without the database the gap cannot be filled now. The hub says when to try again,
            # to all sockets at once: their own attempts would keep the service threads busy.
            logger.debug("socket_behind")
            self._must_resync = True
            realtime.use_loop(asyncio.get_running_loop()).fall_behind(self)
        except DomainError as error:
            # The conversation has been deleted or its tenant suspended: there is nothing to show.
            logger.info("socket_ended", code=error.code)
            self._stop_showing()
            await self._close_with(error, CLOSE_POLICY)
        except OSError as error:
            # The customer has gone in this moment; the receive loop is about to hear of it.
            logger.debug("socket_gone", error=type(error).__name__)
            self._stop_showing()
        finally:
            self._shower = None

    async def _show_next(self) -> None:
        push = self._waiting.popleft()
        try:
            await self._show(push)
        except Error:
            # It was not shown: what comes before it could not be read.
            self._waiting.appendleft(push)
            raise

    async def _show(self, push: Push) -> None:
        if isinstance(push, DeletedPush):
            await self._end_without_conversation()
            return
        if push.is_message and push.seq <= self.last_seq:
            return
        if push.seq > self.last_seq + push.is_message:
            # Up to the push, which is shown itself: it alone knows the customer's words untrimmed.
            await self._catch_up(up_to=push.seq - push.is_message)
        if push.is_message:
            self.last_seq = push.seq
        if not (isinstance(push, TypingPush) and push.socket_id == self._socket_id):
            await self._send_push(push)

    async def _end_without_conversation(self) -> None:
        """The widget's next attempt is refused, which makes it start anew."""
        self._waiting.clear()
        self._must_resync = False
        self._stop_showing()
        await self._close(CLOSE_POLICY)

    async def _catch_up(self, up_to: int | None = None) -> None:
        metrics.RESYNCS.inc()
        slot: Slot | None = None
        try:
            while self._is_open and await self._catch_up_a_little(up_to, slot):
                if slot is None:
                    claims = claims_of(self._network, self.tenant_id, self.conversation_id)
                    slot = await SLOTS.wait_for(claims)
                    slot.hang_up = self.scope.get(HANG_UP)
        finally:
            if slot is not None:
                slot.release()

    async def _catch_up_a_little(self, up_to: int | None, slot: Slot | None) -> bool:
        """Send the next messages, at the pace of the client; returns whether there may be more."""
        missed = await in_thread_of(
            self.conversation_id,
            actions.missed,
            self.tenant_id,
            self.conversation_id,
            self.last_seq,
            up_to,
        )
        # What is on its way as a push is shown as that says it: a raw echo stays raw.
        waiting = {push.seq: push for push in self._waiting if push.is_message}
        for push in missed:
            self.last_seq = push.seq
            if slot is not None:
                slot.waits_since = monotonic()
            await self._send_push(waiting.get(push.seq, push))
        if slot is not None:
            slot.waits_since = None
        return len(missed) == actions.MISSED_BATCH

    async def _send_push(self, push: Push) -> None:
        text = self._protocol.text(push)
        if text is not None:
            await self._send_text(text)

    async def _send_frame(self, frame: Frame) -> None:
        await self._send_text(frames.encode(frame))

    async def _send_text(self, text: str) -> None:
        if not self._has_ended:
            await self.send({"type": "websocket.send", "text": text})
            metrics.FRAMES_SENT.labels(self._label).inc()

    def _stop_showing(self) -> None:
        if self._is_open:
            self._is_open = False
            metrics.SOCKETS.labels(self._label).dec()

    async def _close_with(self, error: DomainError, code: int, client_id: object = None) -> None:
        with suppress(OSError):  # The customer may have gone in this moment.
            await self._send_frame(self._protocol.error(error, client_id))
            await self._close(code)

    async def _close(self, code: int) -> None:
        if not self._has_ended:
            self._has_ended = True
            sendable = handshake.sendable(self.scope, code)
            await self.send({"type": "websocket.close", "code": sendable})
