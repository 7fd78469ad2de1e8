"""A request's body as it arrives, for a view that keeps it elsewhere than in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest

from kernel.errors import PayloadTooLarge, RequestTimeout

# In an ASGI scope: the BodyStream of a request whose body was left to its view.
BODY_STREAM = "chatorical.body_stream"
# What is received may have taken as long as it would at this speed, beyond BODY_TIMEOUT_SECONDS.
_LEAST_BYTES_PER_SECOND = 16 * 1024


class BodyStream:
    """The body, to be read once; `is_complete` when all of it was received."""

    def __init__(self, receive: Callable[[], Awaitable[Mapping[str, Any]]], declared: int) -> None:
        """`declared` is the length that the caller says; 0 when it says none."""
        self._receive = receive
        self._declared = declared
        self.is_complete = False

    async def read_into(self, file: IO[bytes], limit: int) -> int:
        """Write all of it to a file; returns its size.

        Raises PayloadTooLarge as soon as it is certain to be over the limit, and RequestTimeout
        when it comes too slowly or its sender has gone.
        """
        if self._declared > limit:
            raise PayloadTooLarge()
        size = 0
        async with _Deadline() as deadline:
            while not self.is_complete:
                piece = await self._next()
                size += len(piece)
                deadline.allow(size)
                if size > limit:
                    raise PayloadTooLarge()
                # To the page cache: this waits for no disk.
                file.write(piece)
        return size

    async def discard(self) -> None:
        """Receive the rest and keep nothing, so that its sender reads the answer.

        What is longer than MAX_DISCARDED_BYTES is left, and so is what takes longer than
        BODY_TIMEOUT_SECONDS.
        """
        left = settings.MAX_DISCARDED_BYTES
        if self._declared > left:
            return
        try:
            async with _Deadline():
                while not self.is_complete and left > 0:
                    left -= len(await self._next())
        except RequestTimeout:
            return

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(settings.BODY_TIMEOUT_SECONDS):
                message = await self._receive()
        except TimeoutError:
            raise RequestTimeout() from None
        if message["type"] == "http.disconnect":
            raise RequestTimeout()
        self.is_complete = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece


class _Deadline:
    """As `asyncio.timeout` of BODY_TIMEOUT_SECONDS; raises RequestTimeout."""

    def __init__(self) -> None:
        self._ends_at = asyncio.get_running_loop().time() + settings.BODY_TIMEOUT_SECONDS
        self._timeout = asyncio.timeout_at(self._ends_at)

    def allow(self, received: int) -> None:
        """Give so many bytes the time that they may take; what is still to come earns its own."""
        self._timeout.reschedule(self._ends_at + received / _LEAST_BYTES_PER_SECOND)

    async def __aenter__(self) -> "_Deadline":
        await self._timeout.__aenter__()
        return self

    async def __aexit__(self, *raised: Any) -> None:
        try:
            await self._timeout.__aexit__(*raised)
        except TimeoutError:
            raise RequestTimeout() from None


def body_stream_of(request: HttpRequest) -> BodyStream:
    """The body of a request that was left to its view; of others, the body that was read."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    stream: BodyStream | None = scope.get(BODY_STREAM)
    if stream is not None:
        return stream
    body = request.body

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": body}

    return BodyStream(receive, len(body))
