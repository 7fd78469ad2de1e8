"""HTTP/1.1 POSTs to webhooks over kept-alive connections.

A small client of our own because delivery is on the path of every latency measurement: a general
one costs a millisecond of CPU per request on the machine that is being measured.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict, deque
from typing import cast
from urllib.parse import urlsplit

import httptools
from msgspec import Struct

REUSE_SECONDS = 3.0
"""Servers close idle connections after some 5 s; one that old is not worth the risk."""


class ReceiverFailed(Exception):
    """No answer came; the text is what getWebhookInfo shows as last_error_message."""


class Answer(Struct):
    """What the receiver said."""

    status: int
    retry_after: int = 0
    body: bytes = b""


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self.is_open = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._retry_after = 0
        self._body = bytearray()

    async def exchange(self, request: bytes) -> Answer:
        """Send and await the answer; raises ReceiverFailed when the connection breaks."""
        if self._transport is None:
            raise ReceiverFailed("Connection refused")
        self._answer = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._retry_after = 0
        self._body = bytearray()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.close()

    # Called by the event loop.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's, though they do the same.
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self._parser is None:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("Wrong response from the webhook: unreadable answer")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._fail("Connection reset by peer" if exc else "Connection closed")

    # Called by the parser.
    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after" and value.isdigit():
            self._retry_after = int(value)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._parser is None or self._answer is None or self._answer.done():
            return
        status = self._parser.get_status_code()
        if not self._parser.should_keep_alive():
            self.close()
        self._answer.set_result(Answer(status, self._retry_after, bytes(self._body)))

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ReceiverFailed(reason))


class Receivers:
    """Idle connections by address, the most recently used one first."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str, int], deque[_Connection]] = defaultdict(deque)

    async def post(self, url: str, secret: str, body: bytes, timeout_seconds: float) -> Answer:
        """POST one update; raises ReceiverFailed when no answer came in time."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = (parts.scheme, host, port)
        path = parts.path or "/"
        if parts.query:
            path += "?" + parts.query
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Connection: keep-alive\r\nAccept-Encoding: gzip, deflate\r\n"
        )
        if secret:
            head += f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(timeout_seconds):
                connection = await self._connect(address)
                answer = await connection.exchange(head.encode("latin-1") + b"\r\n" + body)
        except TimeoutError:
            if connection is None:
                raise ReceiverFailed("Connection timed out") from None
            connection.close()
            raise ReceiverFailed("Read timeout expired") from None
        except asyncio.CancelledError:
            if connection is not None:
                connection.close()
            raise
        if connection.is_open:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle[address].append(connection)
        return answer

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    async def _connect(self, address: tuple[str, str, int]) -> _Connection:
        idle = self._idle[address]
        while idle:
            connection = idle.pop()
            if not connection.is_open:
                continue
            if asyncio.get_running_loop().time() - connection.idle_since < REUSE_SECONDS:
                return connection
            connection.close()
        scheme, host, port = address
        secure = ssl.create_default_context() if scheme == "https" else None
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                _Connection, host, port, ssl=secure
            )
        except ssl.SSLError as error:
            raise ReceiverFailed(f"SSL error {error.reason}") from error
        except OSError as error:
            raise ReceiverFailed("Connection refused") from error
        return connection
