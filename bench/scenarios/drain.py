"""How fast a worker works off what has piled up while there was none."""

import asyncio
from collections.abc import AsyncIterator

from bench import load
from bench.customers import checked, give_topics, start_many
from bench.effort import Effort
from bench.figures import Figure
from bench.scenarios.baselines import TRANSACTIONS
from bench.stage import Stage

_GOAL = 400


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Items per second from the first call to the last, a few items in each of many topics."""
    client = (await stage.use_web(1))[0]
    customers = await start_many(client, effort.queued_topics)
    await give_topics(stage, client, customers)
    await stage.use_worker(is_wanted=False)
    await asyncio.to_thread(stage.simulator.clear_calls)

    async def send(number: int) -> None:
        text = f"Waiting message number {number}."
        checked(await client.exchange(customers[number % len(customers)].message(text)))

    await load.each(send, count=effort.queued_items, callers=16)
    await stage.use_worker(is_wanted=True)
    stage.cpu.start()
    await stage.settle()
    calls = await asyncio.to_thread(stage.simulator.calls, "sendMessage")
    moments = [call.at for call in calls]
    seconds = max(moments) - min(moments)
    yield Figure(
        "drain",
        (len(moments) - 1) / seconds,
        "items/s",
        baseline=TRANSACTIONS,
        goal=_GOAL,
        cpu=stage.cpu.per(len(moments)),
        note=f"{len(moments)} items in {len(customers)} topics",
    )
