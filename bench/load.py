"""The two ways to put on load.

Closed: so many callers, each waiting for its answer before it calls again; tells throughput. Open:
calls start at fixed moments whatever happened to the earlier ones, and latency counts from the
moment a call was due, so that a stall is paid for by everybody who would have met it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

Call = Callable[[int], Awaitable[None]]


async def closed(call: Call, *, callers: int, seconds: float) -> tuple[float, list[float]]:
    """Call without pause for so many seconds; returns calls per second and their latencies."""
    latencies: list[float] = []
    begun = perf_counter()
    ends = begun + seconds
    number = 0

    async def caller() -> None:
        nonlocal number
        while (started := perf_counter()) < ends:
            number += 1
            await call(number)
            latencies.append(perf_counter() - started)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return len(latencies) / (perf_counter() - begun), latencies


async def each(call: Call, *, count: int, callers: int) -> float:
    """Make `count` calls, `callers` at a time; returns the seconds that it took."""
    numbers = iter(range(count))
    begun = perf_counter()

    async def caller() -> None:
        for number in numbers:
            await call(number)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return perf_counter() - begun


async def paced(call: Callable[[int, float], Awaitable[None]], *, rate: float, count: int) -> None:
    """Start call n at n/rate seconds; the call is told the moment (perf_counter) it was due."""
    begun = perf_counter() + 0.05
    tasks: list[asyncio.Task[None]] = []
    for number in range(count):
        due = begun + number / rate
        if (wait := due - perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(_told(call, number, due)))
    await asyncio.gather(*tasks)


async def _told(call: Callable[[int, float], Awaitable[None]], number: int, due: float) -> None:
    await call(number, due)
