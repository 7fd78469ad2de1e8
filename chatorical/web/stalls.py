"""Hanging up on clients that do not read.

A server that waits for a client holds what it has written so far, and what the answer is made of.
asyncio tells a protocol when the client falls behind, and waits for ever. The guard here gives the
client a time in which it has to take in something, and ends the connection if it does not: at once,
without the bytes that nobody reads.
"""

import asyncio
import fcntl
import struct
import termios
from typing import Any

import structlog
from django.conf import settings
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from kernel.long_answer_slots import HANG_UP

logger = structlog.get_logger(__name__)

# Pings, pongs and continuations of one socket in so many seconds. Browsers answer a ping in twenty,
# and send a message in one piece or few; the frames of messages are counted with the messages.
_MAX_SMALL_FRAMES, _WINDOW_SECONDS = 100, 10.0
# What is read of a socket at once: the smallest frame has six bytes, and costs as much as others.
_SLICE_BYTES = 1024
_CLOSE_POLICY = 1008
# A client on the slowest line takes in more than this in SEND_TIMEOUT_SEC.
_PROGRESS_BYTES = 16 * 1024


class StallGuard:
    """Watches one connection while its client is behind; on the event loop only."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._left = 0

    def start(self, transport: asyncio.Transport) -> None:
        """The client is behind, or all is written and the connection only waits for its end."""
        if self._timer is None:
            self._left = _unread_bytes(transport)
            self._set_timer(transport)

    def stop(self) -> None:
        """The client has caught up, or is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self, transport: asyncio.Transport) -> None:
        self._timer = self._loop.call_later(settings.SEND_TIMEOUT_SECONDS, self._check, transport)

    def _check(self, transport: asyncio.Transport) -> None:
        self._timer = None
        left = _unread_bytes(transport)
        if left == 0 or self._left - left >= _PROGRESS_BYTES:
            self._left = left
            self._set_timer(transport)
            return
        logger.info("client_does_not_read", unread_bytes=left)
        transport.abort()


class StallGuarded(asyncio.Protocol):
    """What both of uvicorn's protocols get: a bound on how long they wait for a reader."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._guard = StallGuard(self.loop)

    def pause_writing(self) -> None:
        """The client is behind."""
        super().pause_writing()
        self._guard.start(self.transport)

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._guard.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """There is nobody to wait for."""
        self._guard.stop()
        super().connection_lost(exc)


class GuardedSocketProtocol(StallGuarded, WebSocketsSansIOProtocol):
    """uvicorn's protocol of WebSockets, which hangs up on a client that does not read.

    And on one that sends very many of the frames that no message is counted for.
    """

    _small_frames = 0
    _window_ends = 0.0

    def data_received(self, data: bytes) -> None:
        """Read a little at a time, so that a client can be ended in the middle of it."""
        for start in range(0, len(data), _SLICE_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + _SLICE_BYTES])

    def handle_ping(self) -> None:
        """Answer it, within the bound."""
        if self._may_go_on():
            super().handle_ping()

    def handle_pong(self, event: Any) -> None:
        """Take note, within the bound."""
        if self._may_go_on():
            super().handle_pong(event)

    def handle_cont(self, event: Any) -> None:
        """Add it to its message, within the bound."""
        if self._may_go_on():
            super().handle_cont(event)

    def _may_go_on(self) -> bool:
        now = self.loop.time()
        if now >= self._window_ends:
            self._window_ends, self._small_frames = now + _WINDOW_SECONDS, 0
        self._small_frames += 1
        if self._small_frames <= _MAX_SMALL_FRAMES:
            return True
        if not self.transport.is_closing():
            logger.info("too_many_small_frames")
            if self.handshake_complete and self.conn.state.name == "OPEN":
                self.close_sent = True
                self.conn.send_close(_CLOSE_POLICY)
                self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
        return False

    def handle_connect(self, event: Any) -> None:
        """Let the application end the connection at once."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope[HANG_UP] = self.transport.abort  # type: ignore[literal-required]

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Everything is said: what is written has to be read in time, too."""
        super().on_task_complete(task)
        if not self.disconnected:
            self._guard.start(self.transport)


def _unread_bytes(transport: asyncio.Transport) -> int:
    """What has been written and not acknowledged, here and in the kernel's queue.

    The kernel's queue can hold megabytes: a client that reads slowly changes nothing here for
    minutes.
    """
    queued = transport.get_write_buffer_size()
    connection = transport.get_extra_info("socket")
    try:
        answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    except (OSError, AttributeError, ValueError):
        # Not every kind of connection, nor every system, can say it.
        return queued
    in_kernel: int = struct.unpack("i", answer)[0]
    return queued + in_kernel
