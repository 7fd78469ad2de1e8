"""A WebSocket client with no more to it than load generation needs: thousands fit in a process."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast

from bench.http import LoadFailed

OnText = Callable[[bytes], None]

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


def _ignore(_text: bytes) -> None:
    """Nobody listens."""


class Socket(asyncio.Protocol):
    """One socket; `on_text` gets each text frame as it arrives."""

    def __init__(self, path: str, on_text: OnText = _ignore) -> None:
        self._path = path
        self.on_text = on_text
        self._buffer = bytearray()
        self._is_upgraded = False
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass, though they do the same.
        self._transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            (
                f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_upgraded and not self._upgrade():
            return
        while self._next_frame():
            pass

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self._buffer.startswith(b"HTTP/1.1 101"):
            if not self.opened.done():
                refusal = bytes(self._buffer[:12]).decode("latin-1")
                self.opened.set_exception(LoadFailed(f"the upgrade was refused: {refusal}"))
            return False
        del self._buffer[: end + 4]
        self._is_upgraded = True
        if not self.opened.done():
            self.opened.set_result(None)
        return True

    def _next_frame(self) -> bool:
        """Take one whole frame from the buffer; False when there is none. Servers do not mask."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + length:
            return False
        kind, payload = buffer[0] & 0x0F, bytes(buffer[start : start + length])
        del buffer[: start + length]
        if kind == _TEXT:
            self.on_text(payload)
        elif kind == _PING:
            self._write(_PONG, payload)
        elif kind == _CLOSE and self._transport is not None:
            self._transport.close()
        return True

    def send(self, text: bytes) -> None:
        """Send a text frame of up to 65,535 bytes."""
        self._write(_TEXT, text)

    def _write(self, kind: int, payload: bytes) -> None:
        if self._transport is None:
            return
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        # Clients must mask; with a mask of zeros the payload stays as it is.
        self._transport.write(bytes([0x80 | kind]) + length + bytes(4) + payload)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self.is_lost = True
        if not self.opened.done():
            self.opened.set_exception(LoadFailed("the server hung up during the upgrade"))

    def close(self) -> None:
        """Hang up without ceremony."""
        if self._transport is not None:
            self._transport.abort()


async def open_socket(port: int, path: str, on_text: OnText = _ignore) -> Socket:
    """A socket that the server has accepted; raises LoadFailed when it does not."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(path, on_text), "127.0.0.1", port)
    await socket.opened
    return socket
