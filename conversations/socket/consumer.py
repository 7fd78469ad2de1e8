"""The customer's WebSocket: frame in, one service call, frame out, in whichever protocol."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn, TypeVar
from uuid import uuid4

import structlog
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from structlog.contextvars import bind_contextvars

from conversations import metrics
from conversations.errors import ConversationNotFound, FrameTooLarge, SessionEnded
from conversations.socket import actions, frames, handshake, protocols, realtime
from conversations.socket.actions import SocketRequest
from conversations.socket.feed import MessageFeed, State
from conversations.socket.frames import Frame
from conversations.socket.open_sockets import OPEN_SOCKETS, RETRY_AFTER_SECONDS, Entry
from conversations.socket.protocols import Ping, Say, SocketProtocol, Typing
from conversations.socket.pushes import Push, ReceiptsPush, TypingPush
from conversations.tokens import TokenClaims
from conversations.validation import MAX_FRAME, Receipts
from kernel.errors import DependencyDown, DomainError, RateLimited
from kernel.http import as_domain_error, counted_network
from kernel.long_answer_slots import HANG_UP
from kernel.service_threads import in_thread_of
from kernel.text import utf16_length
from tenants import configuration, tenant_labels
from tenants.errors import TenantNotFound, TenantSuspended

logger = structlog.get_logger(__name__)

Result = TypeVar("Result")

# With these a socket has nothing to wait for, and ends. Closing and blocking are not among them:
# writing may reopen.
NOT_SERVED = (ConversationNotFound, SessionEnded, TenantNotFound, TenantSuspended)
_CLOSE_POLICY = 1008
_CLOSE_TOO_LARGE = 1009
_CLOSE_TRY_LATER = 1013
_CLOSE_CRASHED = 1011
# What the server says to all sockets as it ends.
_CLOSE_RESTART = 1012
# Sockets that are one too many and are told so, in this process at the same time.
_MAX_TURNED_AWAY = 500
_turned_away = 0
# A widget waits twice as long.
_LEAST_SECONDS_BETWEEN_RECEIPTS = 0.5


class CustomerSocket(AsyncConsumer):  # type: ignore[misc]  # Channels ships no types
    """One customer's socket: how it opens, what comes in on it, what goes out, and its end."""

    channel_layer_alias = None

    scope: dict[str, Any]
    feed: MessageFeed
    """What it is to be shown; there once it is known for which conversation."""
    _claims: TokenClaims
    _protocol: SocketProtocol
    # Whose socket it is, in metrics; empty until it is open.
    _label = ""
    _entry: Entry | None = None
    # It was the browser that ended it.
    _has_hung_up = False
    _network: str | None = None
    # What is stored, as this socket knows; only those that tell hear of the agents'.
    _receipts: Receipts | None = None
    # What it told last, and what it had been shown by then.
    _told: tuple[Receipts, int] | None = None
    _told_at = 0.0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Run the socket's life. Only this coroutine exists while the socket is idle."""
        self.scope, self.base_send = scope, send
        self._receive = receive
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
            is_ours = message.get("code") == _CLOSE_RESTART or self.feed.has_ended
            self._has_hung_up = not is_ours
            raise StopConsumer

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """Admit the socket, or refuse it before the upgrade."""
        self._protocol = protocols.choose(self.scope.get("subprotocols") or ())
        try:
            request = handshake.socket_request(self.scope)
            feed = await self._hear(request)
            newest, self._entry = await in_thread_of(
                feed.conversation_id, actions.open_socket, request, self._claims
            )
            # A socket that says where it left off is brought up to date at once.
            seen = newest if request.after is None else min(request.after, newest)
            feed.start_after(seen, newest=newest)
        except RateLimited as error:
            await self._turn_away(error)
            raise StopConsumer from None
        except Exception as error:  # noqa: BLE001 (the edge: a refusal, whatever it was)
            await self._refuse(as_domain_error(error))
            raise StopConsumer from None
        await self.send({"type": "websocket.accept", "subprotocol": self._protocol.subprotocol})
        self._label = tenant_labels.label_of(configuration.known_slug(feed.tenant_id))
        metrics.SOCKETS.labels(self._label).inc()
        await self._send_frame(frames.Ready())
        feed.open()

    async def _hear(self, request: SocketRequest) -> MessageFeed:
        """Hear first, then look: what is said in between comes twice rather than never."""
        self._claims = actions.authenticate(request)
        tenant_id, conversation_id = self._claims.tenant_id, self._claims.conversation_id
        bind_contextvars(tenant_id=str(tenant_id), conversation_id=str(conversation_id))
        self._network = counted_network(request.address)
        self.feed = MessageFeed(
            self,
            claims=self._claims,
            network=self._network,
            hang_up=self.scope.get(HANG_UP),
        )
        loop = asyncio.get_running_loop()
        OPEN_SOCKETS.keep(loop)
        await realtime.use_loop(loop).join(self.feed)
        return self.feed

    async def _refuse(self, error: DomainError) -> None:
        metrics.SOCKET_REFUSALS.labels(error.code).inc()
        for event in handshake.refusal(self.scope, error):
            await self.send(event)

    async def _turn_away(self, error: RateLimited) -> None:
        """Refuse one socket too many so that its page learns why, and does not come back at once.

        A browser says nothing about a refused upgrade. The first widget takes three of them for the
        end of its conversation, and after an upgrade it comes back half a second after the end: so
        the end waits a moment. Of very many at the same time, the rest is refused outright.
        """
        global _turned_away
        await realtime.use_loop(asyncio.get_running_loop()).leave(self.feed)
        if _turned_away >= _MAX_TURNED_AWAY:
            await self._refuse(error)
            return
        metrics.SOCKET_REFUSALS.labels(error.code).inc()
        _turned_away += 1
        try:
            await self.send({"type": "websocket.accept", "subprotocol": self._protocol.subprotocol})
            await self.send(
                {"type": "websocket.send", "text": frames.encode(self._protocol.error(error))}
            )
            with suppress(TimeoutError):
                async with asyncio.timeout(RETRY_AFTER_SECONDS):
                    while (await self._receive())["type"] != "websocket.disconnect":
                        pass
                    return
            await self._close(_CLOSE_POLICY)
        finally:
            _turned_away -= 1

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Do what a frame asks for."""
        if self.feed.state is State.ENDED:
            return
        raw = message.get("text")
        if raw is None:
            raw = (message.get("bytes") or b"").decode(errors="replace")
        try:
            request = self._protocol.read(raw)
        except FrameTooLarge as error:
            await self._end_with(error, _CLOSE_TOO_LARGE)
        except DomainError as error:
            await self._count_frame()
            await self._send_error(error)
        else:
            if isinstance(request, Say):
                await self._say(request)
                return
            # A widget tells its receipts by itself: that costs no message, at a widget's pace.
            if not (isinstance(request, Receipts) and self._is_calm()):
                await self._count_frame()
            if isinstance(request, Typing):
                self._count("typing")
                realtime.push_typing(
                    conversation_id=self._claims.conversation_id, socket_id=self._socket_id
                )
            elif isinstance(request, Receipts):
                await self._take_receipts(request)
            elif isinstance(request, Ping):
                self._count("ping")
                await self._send_frame(frames.PongFrame())

    def _is_calm(self) -> bool:
        """Whether this socket's last receipt came long enough ago; noted as one."""
        last, self._told_at = self._told_at, monotonic()
        return self._told_at - last >= _LEAST_SECONDS_BETWEEN_RECEIPTS

    async def _take_receipts(self, told: Receipts) -> None:
        """Note them when they say more than what is stored, and answer in kind.

        A widget may have got by a call what this socket is still to be shown, so the database says
        how far there are messages. Told the same again, it is asked only after another message.
        """
        known, now = self._receipts, (told, self.feed.last_seq)
        if known is not None and (now == self._told or not told.is_news_after(known)):
            return
        # What agents have seen is shown from here on, also what they see before the answer is here.
        self._receipts, self._told = known or Receipts(), now
        push, self._receipts = await self._do(actions.note_receipts, self._claims, told)
        self._count("receipts")
        self.feed.offer(push)

    async def _count_frame(self) -> None:
        """Count a frame that is no message; a message is counted on its way to being stored."""
        await self._do(actions.count_frame, self._claims, self._network)

    async def _do(self, action: Callable[..., Result], *arguments: object) -> Result:
        """What a frame that is no message asks for; a refusal ends the socket."""
        try:
            return await in_thread_of(self._claims.conversation_id, action, *arguments)
        except (RateLimited, *NOT_SERVED) as error:
            await self._end_with(error, _CLOSE_POLICY)
        except Exception as error:  # noqa: BLE001 (the edge: an error frame, whatever it was)
            await self._end_with(as_domain_error(error), _CLOSE_TRY_LATER)

    async def _say(self, said: Say) -> None:
        if _is_too_large(said.text):
            await self._end_with(FrameTooLarge(), _CLOSE_TOO_LARGE, said.client_id)
        self.feed.hold()
        try:
            push = await in_thread_of(
                self._claims.conversation_id,
                actions.say,
                self._claims,
                self._network,
                said.text,
                said.client_id,
            )
        except (RateLimited, *NOT_SERVED) as error:
            await self._end_with(error, _CLOSE_POLICY, said.client_id)
        except DomainError as error:
            await self._send_error(error, said.client_id)
        except Exception as error:  # noqa: BLE001 (the edge: an error frame, whatever it was)
            # Nothing was stored. The socket ends, so that the sender sees it did not get through.
            refusal = as_domain_error(error)
            code = _CLOSE_TRY_LATER if isinstance(refusal, DependencyDown) else _CLOSE_CRASHED
            await self._end_with(refusal, code, said.client_id)
        else:
            self._count("stored")
            ack = self._protocol.ack(push, said.client_id)
            if ack is not None:
                await self._send_frame(ack)
            self.feed.offer(push)
        finally:
            self.feed.release()
        # The echo comes before the next frame is looked at.
        await self.feed.shown()

    def _count(self, outcome: str) -> None:
        metrics.FRAMES.labels(self._label, outcome).inc()

    async def _send_error(self, error: DomainError, client_id: object = None) -> None:
        self._count(protocols.socket_code(error))
        await self._send_frame(self._protocol.error(error, client_id))
        note = self._protocol.note(error)
        if note is not None:
            await self._send_frame(note)

    async def _end_with(self, error: DomainError, code: int, client_id: object = None) -> NoReturn:
        self._count(protocols.socket_code(error))
        await self._close_with(error, code, client_id)
        raise StopConsumer

    # --- what its feed calls -------------------------------------------------------------------

    async def show(self, push: Push) -> None:
        """Send a push, if this socket can show it and has not caused it."""
        if isinstance(push, TypingPush) and push.socket_id == self._socket_id:
            return
        if isinstance(push, ReceiptsPush) and self._receipts is None:
            return
        text = self._protocol.text(push)
        if text is not None:
            await self._send_text(text)

    async def end(self, error: DomainError | None) -> None:
        """Close the socket, after saying why where there is a reason to give."""
        if error is None:
            await self._close(_CLOSE_POLICY)
        else:
            await self._close_with(error, _CLOSE_POLICY)

    # --- sending -------------------------------------------------------------------------------

    async def _send_frame(self, frame: Frame) -> None:
        await self._send_text(frames.encode(frame))

    async def _send_text(self, text: str) -> None:
        if self.feed.is_writable:
            await self.send({"type": "websocket.send", "text": text})
            metrics.FRAMES_SENT.labels(self._label).inc()

    async def _close_with(self, error: DomainError, code: int, client_id: object = None) -> None:
        with suppress(OSError):  # The customer may have gone in this moment.
            await self._send_frame(self._protocol.error(error, client_id))
            await self._close(code)

    async def _close(self, code: int) -> None:
        if self.feed.is_writable:
            self.feed.end()
            sendable = handshake.sendable(self.scope, code)
            await self.send({"type": "websocket.close", "code": sendable})

    async def _forget(self) -> None:
        if self._label:
            metrics.SOCKETS.labels(self._label).dec()
        if self._entry is not None:
            OPEN_SOCKETS.leave(self._entry, has_hung_up=self._has_hung_up)
        if hasattr(self, "feed"):
            self.feed.forget()
            await realtime.use_loop(asyncio.get_running_loop()).leave(self.feed)


def _is_too_large(text: str) -> bool:
    return (
        utf16_length(text) > MAX_FRAME
        or len(text.encode(errors="surrogatepass")) > settings.WS_MAX_MSG_BYTES
    )
