"""Answers that are longer than memory: written piece by piece while they are read.

Under ASGI, Django would collect a plain iterator in memory first. An asynchronous one is read at
the caller's pace: the next piece is fetched when the server has room for it, which it has when the
client has read. Meanwhile no service thread and no connection to the database is held; what is held
is a slot among the long answers (`kernel.long_answer_slots`). A client that does not read is hung
up on by `chatorical.web.stalls`.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from kernel.http import address_of, counted_network
from kernel.long_answer_slots import HANG_UP, SLOTS, HangUp, Slot, claims_of
from kernel.long_answer_turns import in_turn
from kernel.service_threads import in_thread, in_thread_of

# The next piece of the answer, or None at its end. Called in a service thread; opens its own scope.
Fetch = Callable[[], bytes | None]

# An answer up to this size is no long one: it is sent at once and needs no slot.
SHORT_BYTES = 128 * 1024


class LongBody:
    """The pieces of an answer as they are fetched; it holds a slot until it is closed."""

    def __init__(
        self, beginning: bytes, fetch: Fetch, slot: Slot, conversation_id: UUID | None = None
    ) -> None:
        """`beginning` has been fetched already."""
        self._beginning = beginning
        self._fetch = fetch
        self._slot = slot
        self._conversation_id = conversation_id

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces, once."""
        return self._pieces()

    def close(self) -> None:
        """Nobody reads any more; Django calls this when the answer is closed."""
        self._slot.release()

    async def _pieces(self) -> AsyncIterator[bytes]:
        try:
            piece: bytes | None = self._beginning
            self._beginning = b""
            while piece is not None:
                self._slot.waits_since = time.monotonic()
                yield piece
                self._slot.waits_since = None
                piece = await self._next()
        finally:
            self.close()

    async def _next(self) -> bytes | None:
        if self._conversation_id is None:
            return await in_turn(lambda: in_thread(self._fetch))
        subject = self._conversation_id
        return await in_turn(lambda: in_thread_of(subject, self._fetch))


def streamed(
    fetch: Fetch,
    *,
    request: HttpRequest,
    tenant_id: UUID,
    content_type: str,
    conversation_id: UUID | None = None,
    file_name: str | None = None,
) -> HttpResponseBase:
    """An answer of any length, to be saved under `file_name`: plain ASCII without quotes.

    What is short is fetched at once. Raises RateLimited when there is no slot for what is long; a
    caller with all the slots it may have is refused before anything is read.
    """
    claims = claims_of(counted_network(address_of(request)), tenant_id, conversation_id)
    SLOTS.require_room(claims)
    beginning, has_more = _beginning(fetch)
    response: HttpResponseBase
    if has_more:
        slot = SLOTS.take(claims)
        slot.hang_up = hang_up_of(request)
        response = long_response(LongBody(beginning, fetch, slot), content_type=content_type)
    else:
        response = HttpResponse(beginning, content_type=content_type)
    if file_name is not None:
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def long_response(body: LongBody, *, content_type: str) -> StreamingHttpResponse:
    """An answer that is sent at the pace of its reader."""
    response = StreamingHttpResponse(body, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    # A proxy would take it in as fast as it comes and keep it on its disk.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def hang_up_of(request: HttpRequest) -> HangUp | None:
    """What ends the caller's connection at once, where the server offers it."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    return scope.get(HANG_UP)


def fetching(pieces: Iterator[bytes]) -> Fetch:
    """A generator's pieces, one at a time, each within a call of its own."""
    return lambda: next(pieces, None)


def _beginning(fetch: Fetch) -> tuple[bytes, bool]:
    """The first pieces together, and whether there may be more."""
    pieces: list[bytes] = []
    size = 0
    while size <= SHORT_BYTES:
        piece = fetch()
        if piece is None:
            return b"".join(pieces), False
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces), True
