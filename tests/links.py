"""A network between two programs that can be slow, lossy, silent and cut: a small TCP proxy."""

import asyncio
import random
import socket
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

# What TCP waits before it sends a lost segment again.
_RETRANSMISSION_SECONDS = 0.2
_CHUNK_BYTES = 65_536

Target = Path | tuple[str, int]
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Link:
    """Listens on a port of its own and leads to `target`: a UNIX socket, or a host and a port.

    What is set holds for open connections too. A TCP connection knows no loss: a lost segment only
    comes later, and with it all that follows.
    """

    def __init__(self, target: Path | tuple[str, int], *, seed: int = 0) -> None:
        self.target = target
        self.delay_seconds = 0.0
        """How long each chunk is under way."""
        self.loss = 0.0
        """How probably a chunk has to be sent again."""
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._flows = asyncio.Event()
        self._accepts = True
        self._open: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._flows.set()
        self._thread.start()
        self._do(self._serve())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset every open connection; new ones are taken."""
        self._do(self._reset())

    def block(self) -> None:
        """Reset every connection, new ones as well, until `restore`."""
        self._accepts = False
        self.cut()

    def silence(self) -> None:
        """Let nothing through and say nothing of it, until `restore`."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def restore(self) -> None:
        """A good network again."""
        self.delay_seconds = self.loss = 0.0
        self._accepts = True
        self._loop.call_soon_threadsafe(self._flows.set)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._accept, sock=self._listener)

    async def _close(self) -> None:
        self._server.close()
        await self._reset()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _reset(self) -> None:
        for task, writers in self._open.items():
            for writer in writers:
                writer.transport.abort()
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = [writer]
        try:
            if self._accepts:
                far_reader, far_writer = await self._reach()
                self._open[task].append(far_writer)
                await asyncio.gather(
                    self._carry(reader, far_writer), self._carry(far_reader, writer)
                )
        except (OSError, asyncio.CancelledError):
            # Either end has gone, as ends of a network do; the other one learns it below.
            writer.transport.abort()
        finally:
            for one in self._open.pop(task):
                one.close()

    async def _reach(self) -> _Streams:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(*self.target)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK_BYTES):
            await self._flows.wait()
            late = self.delay_seconds
            while self.loss and self._random.random() < self.loss:
                late += _RETRANSMISSION_SECONDS
            if late:
                await asyncio.sleep(late)
            writer.write(chunk)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()
