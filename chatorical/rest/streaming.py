"""Answers that are longer than memory: written batch by batch while they are read.

Under ASGI, Django would collect a plain iterator in memory first. An asynchronous one is read at
the caller's pace: the next batch is fetched when the one before is on its way.
"""

from collections.abc import AsyncIterator, Callable, Iterator

from django.http import StreamingHttpResponse

from chatorical.kernel.hop import in_thread

# The next piece of the answer, or None at its end. Called in a service thread; opens its own scope.
Fetch = Callable[[], bytes | None]


def streamed(
    fetch: Fetch, *, content_type: str, file_name: str | None = None
) -> StreamingHttpResponse:
    """An answer, to be saved under `file_name` if there is one: plain ASCII without quotes."""
    response = StreamingHttpResponse(_pieces(fetch), content_type=content_type)
    if file_name is not None:
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def fetching(pieces: Iterator[bytes]) -> Fetch:
    """A generator's pieces, one at a time, each within a call of its own."""
    return lambda: next(pieces, None)


async def _pieces(fetch: Fetch) -> AsyncIterator[bytes]:
    while (piece := await in_thread(fetch)) is not None:
        yield piece
