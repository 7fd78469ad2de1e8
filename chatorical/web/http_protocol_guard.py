"""The HTTP protocol of the web process, for callers whom no proxy has looked at.

uvicorn's own takes in a head of any size and waits for it for ever, so that a few connections could
fill the memory and a few thousand all descriptors. This one gives a head, and whatever frames a
body, a size and a time; the body itself is counted where it is read
(`chatorical.web.fast_handler.limited`).
"""

import asyncio
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpResponse
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from chatorical.web.stalls import GuardedSocketProtocol, StallGuarded
from chatorical.web.webhook_calls import answer_to_head
from kernel.errors import BadRequest, DomainError, HeadersTooLarge, RequestTimeout
from kernel.http import SECURITY_HEADERS
from kernel.long_answer_slots import HANG_UP

logger = structlog.get_logger(__name__)

# How long the end of the process waits for what a caller is about to send.
_LAST_REQUEST_SECONDS = 1.0
# Around a body: the lengths of its chunks, and trailers. Of 256 KiB in chunks of one byte each.
_MAX_FRAMING_BYTES = 2 * 1024 * 1024


class GuardedProtocol(StallGuarded, HttpToolsProtocol):
    """uvicorn's protocol, with limits on what comes before and around a body.

    A client that does not read is hung up on, also where the connection has become a socket.
    """

    # Of no request so far.
    url = b""
    _deadline: asyncio.TimerHandle | None = None
    # The process ends: one more request, at most, is answered here.
    _is_last = False
    # From the first byte of a head to its last.
    _is_in_head = False
    _has_just_begun = False
    # Since a head began, and again since it was complete: all that was no body.
    _framing_bytes = 0
    _body_bytes = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.ws_protocol_class is WebSocketsSansIOProtocol:
            self.ws_protocol_class = GuardedSocketProtocol

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head, not for ever."""
        super().connection_made(transport)
        self._start_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The process ends: end the connection when nothing is asked on it any more.

        uvicorn's own would hang up on a caller who has connected, and whose request is on its way:
        no other process ever sees it. So a request that comes within a second is answered, as is
        one whose head has begun.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            super().shutdown()
            return
        self._is_last = True
        self.loop.call_later(_LAST_REQUEST_SECONDS, self._end_if_silent)

    def _end_if_silent(self) -> None:
        is_asked = self.cycle is not None and not self.cycle.response_complete
        if self in self.connections and not self._is_in_head and not is_asked:
            self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Hand over to the socket's protocol, which has to be told that the process ends."""
        super().handle_websocket_upgrade()
        protocol = self.transport.get_protocol()
        if isinstance(protocol, GuardedSocketProtocol) and not protocol.handshake_initiated:
            # Such as a handshake with a body: nobody would answer it, and all of it would be read.
            self._refuse(BadRequest("A WebSocket begins with a GET that has no body."))
        elif self._is_last and isinstance(protocol, GuardedSocketProtocol):
            # Opened by then, so that it ends with a code after which a widget comes again.
            self.loop.call_later(_LAST_REQUEST_SECONDS, protocol.shutdown)

    def timeout_keep_alive_handler(self) -> None:
        """No further request has come; what is still unread of the answers is never going to be."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def on_response_complete(self) -> None:
        """All is written; where the connection ends now, that takes no longer than reading it."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._guard.start(self.transport)

    def data_received(self, data: bytes) -> None:
        """Let uvicorn read it, then look at what it has not made a request of."""
        self._has_just_begun, self._body_bytes = False, 0
        super().data_received(data)
        if not self._has_just_begun:
            # Where a head begins, others may have ended; what is read at once is never long.
            self._framing_bytes += len(data) - self._body_bytes
        if self._is_in_head:
            if self._framing_bytes > settings.MAX_HEAD_BYTES:
                self._refuse(HeadersTooLarge())
            elif self._deadline is None:
                self._start_waiting()
        elif self._framing_bytes > _MAX_FRAMING_BYTES:
            self.transport.abort()
        elif self._deadline is None and self._is_answered():
            # Whatever this was, it has ended uvicorn's own wait for the next request.
            self._start_waiting()

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        self._is_in_head, self._has_just_begun, self._framing_bytes = True, True, 0
        super().on_message_begin()
        self.scope[HANG_UP] = self.transport.abort  # type: ignore[literal-required]

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes after a chunked body is none, for no proxy has replaced it there."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The last byte of a head."""
        self._is_in_head, self._framing_bytes = False, 0
        self._stop_waiting()
        super().on_headers_complete()
        if self._is_last and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Bytes that are counted elsewhere."""
        self._body_bytes += len(body)
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with the envelope that everything else gets."""
        self._refuse(BadRequest(msg))

    def _is_answered(self) -> bool:
        """Whether nothing is asked any more; a connection that is a socket now is not ours."""
        return (
            self in self.connections
            and not self.transport.is_closing()
            and self.cycle is not None
            and self.cycle.response_complete
        )

    def _start_waiting(self) -> None:
        self._deadline = self.loop.call_later(settings.BODY_TIMEOUT_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_in_head:
            self._refuse(RequestTimeout())
        else:
            # It has said nothing at all: a browser that connected in advance, and no request.
            self.transport.close()

    def _refuse(self, error: DomainError) -> None:
        """Answer, unless an earlier request of this connection is being answered, and hang up."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        logger.info("head_refused", code=error.code)
        if self.cycle is None or self.cycle.response_complete:
            method = self.parser.get_method() if self.url else b""
            self.transport.write(_written(answer_to_head(method, self.url, error)))
        self.transport.close()


def _written(response: HttpResponse) -> bytes:
    """An answer as it goes over the wire where no request has come about."""
    headers: dict[str, Any] = {
        **SECURITY_HEADERS,
        **response.headers,
        "Content-Length": len(response.content),
        "Connection": "close",
    }
    lines = [f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items()]
    return b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", response.content])
