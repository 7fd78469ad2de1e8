"""The customer's WebSocket: frame in, one service call, frame out, in whichever dialect."""

import asyncio
from collections import deque
from time import monotonic
from typing import Any, NoReturn
from uuid import UUID, uuid4

import structlog
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError
from structlog.contextvars import bind_contextvars

from chatorical.kernel.errors import DependencyDown, DomainError, RateLimited
from chatorical.kernel.hop import in_thread
from chatorical.kernel.http import as_domain_error
from chatorical.kernel.text import utf16_length
from conversations import dialects, handshake, metrics, realtime, sockets
from conversations.dialects import Dialect, Ping, Say, Typing
from conversations.errors import FrameTooLarge
from conversations.hub import Push
from conversations.tokens import TokenClaims
from tenants import rate_limits

logger = structlog.get_logger(__name__)

MAXIMUM_FRAME_UNITS = 4096
# Pushes that wait for a slow reader; beyond this it reads what it missed from the database.
_MAXIMUM_WAITING = 256
_CLOSE_TOO_LARGE = 1009
_CLOSE_POLICY = 1008
_CLOSE_TRY_LATER = 1013


class CustomerSocket(AsyncConsumer):  # type: ignore[misc]  # Channels ships no types
    """One customer's socket.

    Messages are shown strictly by seq: a push from the future first brings what lies between, one
    from the past is dropped, so each message appears exactly once whichever way it came.
    """

    channel_layer_alias = None

    conversation_id: UUID
    last_seq: int
    _claims: TokenClaims
    _dialect: Dialect

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Run the socket's life. Only this coroutine exists while the socket is idle."""
        self.scope, self.base_send = scope, send
        self._waiting: deque[Push] = deque()
        self._must_resync = False
        self._shower: asyncio.Task[None] | None = None
        self._frames: deque[float] = deque()
        self._is_open = False
        self._is_holding = False
        self._socket_id = uuid4().hex
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            return
        finally:
            await self._forget()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the handler of an ASGI event."""
        if message["type"] == "websocket.receive":
            await self.websocket_receive(message)
        elif message["type"] == "websocket.connect":
            await self.websocket_connect(message)
        else:
            raise StopConsumer

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """Admit the socket, or refuse it before the upgrade."""
        self._dialect = dialects.choose(self.scope.get("subprotocols") or ())
        request = handshake.socket_request(self.scope)
        try:
            self._claims = sockets.authenticate(request)
            self.conversation_id = self._claims.conversation_id
            bind_contextvars(
                tenant_id=str(self._claims.tenant_id), conversation_id=str(self.conversation_id)
            )
            # Hear first, then look: what is said in between comes twice rather than never.
            self.last_seq = 2**31
            await realtime.use_loop(asyncio.get_running_loop()).join(self)
            newest = await in_thread(sockets.open_socket, request, self._claims)
            # A socket that says where it left off is brought up to date at once.
            self.last_seq = newest if request.after is None else min(request.after, newest)
            self._must_resync |= self.last_seq < newest
        except Exception as error:  # noqa: BLE001 (the edge: a refusal, whatever it was)
            await self._refuse(as_domain_error(error))
            raise StopConsumer from None
        await self.send({"type": "websocket.accept", "subprotocol": self._dialect.subprotocol})
        await self._send_json({"ok": True})
        self._is_open = True
        metrics.SOCKETS.inc()
        self._show_soon()

    async def _refuse(self, error: DomainError) -> None:
        metrics.SOCKET_REFUSALS.labels(error.code).inc()
        for event in handshake.refusal(self.scope, error):
            await self.send(event)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Do what a frame asks for."""
        raw = message.get("text")
        if raw is None:
            raw = (message.get("bytes") or b"").decode(errors="replace")
        if self._is_over_rate():
            await self._end_with(RateLimited(), _CLOSE_POLICY)
        try:
            request = self._dialect.read(raw)
        except FrameTooLarge as error:
            await self._end_with(error, _CLOSE_TOO_LARGE)
        except DomainError as error:
            await self._send_error(error)
        else:
            if isinstance(request, Say):
                await self._say(request)
            elif isinstance(request, Typing):
                metrics.FRAMES.labels("typing").inc()
                realtime.push_typing(
                    conversation_id=self.conversation_id, socket_id=self._socket_id
                )
            elif isinstance(request, Ping):
                metrics.FRAMES.labels("ping").inc()
                await self._send_json({"type": "pong"})

    def _is_over_rate(self) -> bool:
        points, seconds = rate_limits.limit(self._claims.tenant_id, "ws")
        now, frames = monotonic(), self._frames
        while frames and now - frames[0] > seconds:
            frames.popleft()
        frames.append(now)
        return 0 < points < len(frames)

    async def _say(self, said: Say) -> None:
        if _is_too_large(said.text):
            await self._end_with(FrameTooLarge(), _CLOSE_TOO_LARGE, said.client_id)
        self._is_holding = self._dialect.acknowledges
        try:
            push = await in_thread(sockets.say, self._claims, said.text, said.client_id)
        except DomainError as error:
            await self._send_error(error, said.client_id)
        except (OperationalError, InterfaceError) as error:
            # Nothing was stored. The socket ends, so that the sender sees it did not get through.
            logger.debug("socket_not_stored", error=type(error).__name__)
            await self._end_with(DependencyDown(), _CLOSE_TRY_LATER, said.client_id)
        else:
            metrics.FRAMES.labels("stored").inc()
            if self._dialect.acknowledges:
                await self._send_json(self._dialect.ack(push, said.client_id))
            self._waiting.append(push)
        finally:
            self._is_holding = False
            self._show_soon()
        # The echo comes before the next frame is looked at.
        if self._shower is not None:
            await self._shower

    async def _send_error(self, error: DomainError, client_id: object = None) -> None:
        metrics.FRAMES.labels(dialects.socket_code(error)).inc()
        await self._send_json(self._dialect.error(error, client_id))

    async def _end_with(self, error: DomainError, code: int, client_id: object = None) -> NoReturn:
        await self._send_error(error, client_id)
        await self.send({"type": "websocket.close", "code": code})
        raise StopConsumer

    # --- showing ---------------------------------------------------------------------------

    def offer(self, push: Push) -> None:
        """Take a push from the hub; never blocks, and forgets rather than grows."""
        if len(self._waiting) >= _MAXIMUM_WAITING:
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
        return is_free and bool(self._waiting or self._must_resync)

    async def _show_all(self) -> None:
        try:
            while self._has_something_to_show:
                if self._must_resync:
                    self._must_resync = False
                    await self._catch_up()
                else:
                    await self._show_next()
        except (OperationalError, InterfaceError):
            # Without the database the gap cannot be filled now. The hub says when to try again,
            # to all sockets at once: their own attempts would keep the service threads busy.
            logger.debug("socket_behind")
            self._must_resync = True
            realtime.use_loop(asyncio.get_running_loop()).fall_behind(self)
        except DomainError as error:
            # The conversation has been deleted or its tenant suspended: there is nothing to show.
            logger.info("socket_without_conversation", code=error.code)
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
        except (OperationalError, InterfaceError):
            # It was not shown: what comes before it could not be read.
            self._waiting.appendleft(push)
            raise

    async def _show(self, push: Push) -> None:
        is_message = push["event"] == "message"
        if is_message and push["seq"] <= self.last_seq:
            return
        if push["seq"] > self.last_seq + (1 if is_message else 0):
            # Up to the push, which is shown itself: it alone knows the customer's words untrimmed.
            await self._catch_up(up_to=push["seq"] - (1 if is_message else 0))
        if is_message:
            self.last_seq = push["seq"]
        if push.get("socket") != self._socket_id:
            await self._send_push(push)

    async def _catch_up(self, up_to: int | None = None) -> None:
        metrics.RESYNCS.inc()
        missed = await in_thread(
            sockets.missed, self._claims.tenant_id, self.conversation_id, self.last_seq, up_to
        )
        # What is on its way as a push is shown as that says it: a raw echo stays raw.
        waiting = {push["seq"]: push for push in self._waiting if push["event"] == "message"}
        for push in missed:
            self.last_seq = push["seq"]
            await self._send_push(waiting.get(push["seq"], push))

    async def _send_push(self, push: Push) -> None:
        text = dialects.encoded(self._dialect, push)
        if text is not None:
            await self.send({"type": "websocket.send", "text": text})

    async def _send_json(self, frame: dict[str, Any]) -> None:
        await self.send({"type": "websocket.send", "text": dialects.encode(frame)})

    def _stop_showing(self) -> None:
        if self._is_open:
            self._is_open = False
            metrics.SOCKETS.dec()

    async def _forget(self) -> None:
        self._stop_showing()
        if self._shower is not None:
            self._shower.cancel()
        if hasattr(self, "conversation_id"):
            await realtime.use_loop(asyncio.get_running_loop()).leave(self)


def _is_too_large(text: str) -> bool:
    return (
        utf16_length(text) > MAXIMUM_FRAME_UNITS
        or len(text.encode(errors="surrogatepass")) > settings.WS_MAX_MSG_BYTES
    )
