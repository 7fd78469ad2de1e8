"""A keep-alive HTTP/1.1 client with no more to it than load generation needs.

Answers must carry a Content-Length, as all of ours do. A general client would cost more CPU per
request than the product does, on the same two cores.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import cast

_END = b"\r\n\r\n"
# Servers close connections that are idle for five seconds; a request must not meet that.
_IDLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class LoadFailed(Exception):
    """The load could not be put on as meant; the text says why."""


class Connection(asyncio.Protocol):
    """One connection with one request under way at most."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        """Whether another request can be sent on it."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass, though they do the same.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(_END)
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        end = head_end + len(_END) + length
        if len(self._buffer) < end:
            return
        answer = Answer(int(head[9:12]), self._buffer[head_end + len(_END) : end])
        self._buffer = self._buffer[end:]
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(LoadFailed("the server closed the connection"))

    async def exchange(self, request: bytes) -> Answer:
        """Send a whole request and wait for its answer."""
        if self._transport is None:
            raise LoadFailed("the connection is closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class Client:
    """Connections to one server, reused as they become idle."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: deque[tuple[Connection, float]] = deque()

    async def post(
        self, path: str, body: object, headers: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        """POST JSON; raises LoadFailed when the server hangs up."""
        return await self.exchange(post_request(path, body, headers))

    async def exchange(self, request: bytes) -> Answer:
        """Send a prepared request on an idle connection or a new one."""
        connection = await self._take()
        try:
            return await connection.exchange(request)
        finally:
            self._idle.append((connection, monotonic()))

    async def _take(self) -> Connection:
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_open and monotonic() - since < _IDLE_SECONDS:
                return connection
            connection.close()
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
        return connection

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop()[0].close()


def post_request(path: str, body: object, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """The bytes of a POST of JSON."""
    content = json.dumps(body, separators=(",", ":")).encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n{lines}\r\n"
    )
    return head.encode() + content
