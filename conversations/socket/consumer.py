"""The customer's WebSocket: frame in, one service call, frame out, in whichever protocol."""

import asyncio
from contextlib import suppress
from typing import Any, NoReturn

import structlog
from channels.exceptions import StopConsumer
from django.conf import settings
from structlog.contextvars import bind_contextvars

from conversations import metrics
from conversations.errors import ConversationNotFound, FrameTooLarge
from conversations.socket import actions, frames, handshake, protocols, realtime
from conversations.socket.feed import CLOSE_POLICY, ShowingSocket
from conversations.socket.open_sockets import OPEN_SOCKETS, RETRY_AFTER_SECONDS, Entry
from conversations.socket.protocols import Ping, Say, Typing
from conversations.tokens import TokenClaims
from kernel.errors import DependencyDown, DomainError, RateLimited
from kernel.http import as_domain_error, counted_network
from kernel.service_threads import in_thread_of
from kernel.text import utf16_length
from tenants import configuration, tenant_labels
from tenants.errors import TenantNotFound, TenantSuspended

logger = structlog.get_logger(__name__)

MAX_FRAME_UNITS = 4096
# With these a socket has nothing to wait for, and ends. Closing and blocking are not among them:
# writing may reopen.
NOT_SERVED = (ConversationNotFound, TenantNotFound, TenantSuspended)
_CLOSE_TOO_LARGE = 1009
_CLOSE_TRY_LATER = 1013
_CLOSE_CRASHED = 1011
# Sockets that are one too many and are told so, in this process at the same time.
_MAX_TURNED_AWAY = 500
_turned_away = 0


class CustomerSocket(ShowingSocket):
    """One customer's socket: how it opens, what comes in on it, and its end."""

    channel_layer_alias = None

    _claims: TokenClaims

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Run the socket's life. Only this coroutine exists while the socket is idle."""
        self.scope, self.base_send = scope, send
        self._receive = receive
        self._entry: Entry | None = None
        self._network: str | None = None
        self._prepare_to_show()
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
        self._protocol = protocols.choose(self.scope.get("subprotocols") or ())
        try:
            request = handshake.socket_request(self.scope)
            self._claims = actions.authenticate(request)
            self.conversation_id = self._claims.conversation_id
            self.tenant_id = self._claims.tenant_id
            bind_contextvars(
                tenant_id=str(self.tenant_id), conversation_id=str(self.conversation_id)
            )
            # Hear first, then look: what is said in between comes twice rather than never.
            self.last_seq = 2**31
            self._network = counted_network(request.address)
            loop = asyncio.get_running_loop()
            OPEN_SOCKETS.keep(loop)
            await realtime.use_loop(loop).join(self)
            newest, self._entry = await in_thread_of(
                self.conversation_id, actions.open_socket, request, self._claims
            )
            # A socket that says where it left off is brought up to date at once.
            self.last_seq = newest if request.after is None else min(request.after, newest)
            self._must_resync |= self.last_seq < newest
        except RateLimited as error:
            await self._turn_away(error)
            raise StopConsumer from None
        except Exception as error:  # noqa: BLE001 (the edge: a refusal, whatever it was)
            await self._refuse(as_domain_error(error))
            raise StopConsumer from None
        self._label = tenant_labels.label_of(configuration.known_slug(self.tenant_id))
        await self.send({"type": "websocket.accept", "subprotocol": self._protocol.subprotocol})
        await self._send_frame(frames.Ready())
        self._begin_to_show()

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
        await realtime.use_loop(asyncio.get_running_loop()).leave(self)
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
            await self._close(CLOSE_POLICY)
        finally:
            _turned_away -= 1

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Do what a frame asks for."""
        if self._has_ended:
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
            await self._count_frame()
            if isinstance(request, Typing):
                self._count("typing")
                realtime.push_typing(
                    conversation_id=self.conversation_id, socket_id=self._socket_id
                )
            elif isinstance(request, Ping):
                self._count("ping")
                await self._send_frame(frames.PongFrame())

    async def _count_frame(self) -> None:
        """Count a frame that is no message; a message is counted on its way to being stored."""
        try:
            await in_thread_of(
                self.conversation_id, actions.count_frame, self._claims, self._network
            )
        except RateLimited as error:
            await self._end_with(error, CLOSE_POLICY)
        except Exception as error:  # noqa: BLE001 (the edge: an error frame, whatever it was)
            await self._end_with(as_domain_error(error), _CLOSE_TRY_LATER)

    async def _say(self, said: Say) -> None:
        if _is_too_large(said.text):
            await self._end_with(FrameTooLarge(), _CLOSE_TOO_LARGE, said.client_id)
        self._is_holding = True
        try:
            push = await in_thread_of(
                self.conversation_id,
                actions.say,
                self._claims,
                self._network,
                said.text,
                said.client_id,
            )
        except (RateLimited, *NOT_SERVED) as error:
            await self._end_with(error, CLOSE_POLICY, said.client_id)
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
            self._waiting.append(push)
        finally:
            self._is_holding = False
            self._show_soon()
        # The echo comes before the next frame is looked at.
        if self._shower is not None:
            await self._shower

    def _count(self, outcome: str) -> None:
        metrics.FRAMES.labels(self._label, outcome).inc()

    async def _send_error(self, error: DomainError, client_id: object = None) -> None:
        self._count(protocols.socket_code(error))
        await self._send_frame(self._protocol.error(error, client_id))

    async def _end_with(self, error: DomainError, code: int, client_id: object = None) -> NoReturn:
        self._count(protocols.socket_code(error))
        await self._close_with(error, code, client_id)
        raise StopConsumer

    async def _forget(self) -> None:
        self._stop_showing()
        if self._shower is not None:
            self._shower.cancel()
        if self._entry is not None:
            OPEN_SOCKETS.leave(self._entry)
        if hasattr(self, "conversation_id"):
            await realtime.use_loop(asyncio.get_running_loop()).leave(self)


def _is_too_large(text: str) -> bool:
    return (
        utf16_length(text) > MAX_FRAME_UNITS
        or len(text.encode(errors="surrogatepass")) > settings.WS_MAX_MSG_BYTES
    )
