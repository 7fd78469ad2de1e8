"""Turns of long answers: of all in one process, one fetches its next piece at a time.

Each piece is some ten milliseconds of work that every other call of the process waits beside. So
after a turn nobody has one for as long as it took: long answers together get at most half of the
process, however many there are.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar
from weakref import WeakKeyDictionary

Result = TypeVar("Result")

# A piece that takes longer waits for something, such as a lock: the others need not wait, too.
_MAX_TURN_SECONDS = 0.1

_locks: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]" = WeakKeyDictionary()


async def in_turn(fetch: Callable[[], Awaitable[Result]]) -> Result:
    """Fetch when it is this answer's turn, in the order of asking; raises what `fetch` raises."""
    async with _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        began = monotonic()
        fetching = asyncio.ensure_future(fetch())
        try:
            await asyncio.wait([fetching], timeout=_MAX_TURN_SECONDS)
            await asyncio.sleep(min(monotonic() - began, _MAX_TURN_SECONDS))
        except asyncio.CancelledError:
            fetching.cancel()
            raise
    return await fetching
