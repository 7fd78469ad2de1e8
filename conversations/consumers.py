"""The customer's WebSocket, v1 dialect: frame in, one service call, frame out."""

import asyncio
import json
from collections import deque
from time import monotonic
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError
from structlog.contextvars import bind_contextvars

from chatorical.kernel.context import current_request_id
from chatorical.kernel.errors import DependencyDown, DomainError
from chatorical.kernel.hop import in_thread
from chatorical.kernel.http import as_domain_error, client_address
from chatorical.kernel.text import utf16_length
from conversations import metrics, realtime, sockets
from conversations.errors import ConversationNotFound, TextTooLong
from conversations.frames import v1_frame
from conversations.hub import Push
from conversations.sockets import SocketRequest
from conversations.tokens import TokenClaims
from tenants import rate_limits
from tenants.resolution import Hints

logger = structlog.get_logger(__name__)

MAXIMUM_FRAME_UNITS = 4096
# Pushes that wait for a slow reader; beyond this it reads what it missed from the database.
_MAXIMUM_WAITING = 256
_CLOSE_TOO_LARGE = 1009
_CLOSE_POLICY = 1008
_CLOSE_TRY_LATER = 1013


class SocketV1(AsyncConsumer):  # type: ignore[misc]  # Channels ships no types
    """One customer's socket.

    Messages are shown strictly by seq: a push from the future first brings what lies between, one
    from the past is dropped, so each message appears exactly once whichever way it came.
    """

    channel_layer_alias = None

    conversation_id: UUID
    last_seq: int
    _claims: TokenClaims

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Run the socket's life. Only this coroutine exists while the socket is idle."""
        self.scope, self.base_send = scope, send
        self._waiting: deque[Push] = deque()
        self._must_resync = False
        self._shower: asyncio.Task[None] | None = None
        self._frames: deque[float] = deque()
        self._is_open = False
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
        request = _socket_request(self.scope)
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
        await self.send({"type": "websocket.accept"})
        await self._send_json({"ok": True})
        self._is_open = True
        metrics.SOCKETS.inc()
        self._show_soon()

    async def _refuse(self, error: DomainError) -> None:
        metrics.SOCKET_REFUSALS.labels(error.code).inc()
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            await self.send({"type": "websocket.close", "code": _CLOSE_POLICY})
            return
        headers = [
            (b"content-type", b"application/json"),
            (b"x-request-id", current_request_id().encode()),
        ]
        if error.retry_after_seconds:
            headers.append((b"retry-after", str(error.retry_after_seconds).encode()))
        await self.send(
            {
                "type": "websocket.http.response.start",
                "status": error.http_status if error.http_status >= 401 else 403,
                "headers": headers,
            }
        )
        await self.send(
            {
                "type": "websocket.http.response.body",
                "body": json.dumps(error.envelope()).encode(),
            }
        )

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """A frame is a message, verbatim."""
        raw = message.get("text")
        if raw is None:
            raw = (message.get("bytes") or b"").decode(errors="replace")
        if self._is_over_rate():
            await self._end_with("rate_limited", _CLOSE_POLICY)
        elif (
            utf16_length(raw) > MAXIMUM_FRAME_UNITS
            or len(raw.encode(errors="surrogatepass")) > settings.WS_MAX_MSG_BYTES
        ):
            await self._end_with("too_large", _CLOSE_TOO_LARGE)
        else:
            await self._say(raw)

    def _is_over_rate(self) -> bool:
        points, seconds = rate_limits.limit(self._claims.tenant_id, "ws")
        now, frames = monotonic(), self._frames
        while frames and now - frames[0] > seconds:
            frames.popleft()
        frames.append(now)
        return 0 < points < len(frames)

    async def _say(self, raw: str) -> None:
        try:
            push = await in_thread(sockets.say, self._claims, raw)
        except TextTooLong:
            metrics.FRAMES.labels("message_too_long").inc()
            await self._send_json({"error": "message_too_long"})
        except DomainError as error:
            metrics.FRAMES.labels(error.code).inc()
            await self._send_json({"error": "message rejected"})
        except (OperationalError, InterfaceError) as error:
            # Nothing was stored. The socket ends, so that the sender sees it did not get through.
            metrics.FRAMES.labels(as_domain_error(error).code).inc()
            await self._end_with(DependencyDown.code, _CLOSE_TRY_LATER)
        else:
            metrics.FRAMES.labels("stored").inc()
            self.offer(push)
            # The echo comes before the next frame is looked at.
            if self._shower is not None:
                await self._shower

    async def _end_with(self, error: str, code: int) -> None:
        metrics.FRAMES.labels(error).inc()
        await self._send_json({"error": error})
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
        if self._is_open and self._shower is None and (self._waiting or self._must_resync):
            self._shower = asyncio.get_running_loop().create_task(self._show_all())

    async def _show_all(self) -> None:
        try:
            while self._waiting or self._must_resync:
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
        except ConversationNotFound:
            # Deleted. The widget's next attempt is refused, which makes it start anew.
            self._waiting.clear()
            self._must_resync = False
            self._stop_showing()
            await self.send({"type": "websocket.close", "code": _CLOSE_POLICY})
        except DomainError as error:
            # Its tenant has been suspended: there is nothing to show.
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
        if push["event"] == "deleted":
            raise ConversationNotFound()
        is_message = push["event"] == "message"
        if is_message and push["seq"] <= self.last_seq:
            return
        if push["seq"] > self.last_seq + (1 if is_message else 0):
            # Up to the push, which is shown itself: it alone knows the customer's words untrimmed.
            await self._catch_up(up_to=push["seq"] - (1 if is_message else 0))
        if is_message:
            self.last_seq = push["seq"]
        frame = v1_frame(push)
        if frame is not None:
            await self._send_json(frame)

    async def _catch_up(self, up_to: int | None = None) -> None:
        metrics.RESYNCS.inc()
        missed = await in_thread(
            sockets.missed, self._claims.tenant_id, self.conversation_id, self.last_seq, up_to
        )
        # What is on its way as a push is shown as that says it: a raw echo stays raw.
        waiting = {push["seq"]: push for push in self._waiting if push["event"] == "message"}
        for push in missed:
            self.last_seq = push["seq"]
            await self._send_json(v1_frame(waiting.get(push["seq"], push)))

    async def _send_json(self, frame: dict[str, Any] | None) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        await self.send({"type": "websocket.send", "text": text})

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


def _socket_request(scope: dict[str, Any]) -> SocketRequest:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    named = {name.decode("latin-1"): value for name, value in headers.items()}
    query = parse_qs(scope["query_string"].decode("latin-1"))
    first = {name: values[0] for name, values in query.items()}
    peer = scope.get("client")
    return SocketRequest(
        token=first.get("token", ""),
        address=client_address(peer[0] if peer else None, headers.get(b"x-forwarded-for")),
        origin=headers.get(b"origin"),
        after=_seq(first.get("after", "")),
        hints=Hints.of(query=first, headers=named),
    )


def _seq(text: str) -> int | None:
    """The seq after which a socket wants to go on; None, as without one, for what is no seq."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
