"""How soon a customer's message reaches Telegram."""

import asyncio
import time
from collections.abc import AsyncIterator
from time import perf_counter

from bench import load
from bench.customers import checked, give_topics, start_many
from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.stage import Stage

RATE = 20
_GOAL_MS = 150


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Send call to arrival at the Bot API, at a fixed rate, over conversations with topics."""
    client = (await stage.use_web(1))[0]
    customers = await start_many(client, effort.sockets)
    await give_topics(stage, client, customers)
    await asyncio.to_thread(stage.simulator.clear_calls)
    due_at: dict[str, float] = {}
    wall_minus_counter = time.time() - perf_counter()

    async def send(number: int, due: float) -> None:
        text = f"question {number} end"
        due_at[text] = due + wall_minus_counter
        checked(await client.exchange(customers[number % len(customers)].message(text)))

    stage.cpu.start()
    count = int(RATE * effort.seconds * 2)
    await load.paced(send, rate=RATE, count=count)
    await stage.settle()
    cpu = stage.cpu.per(count)
    latencies: list[float] = []
    for call in await asyncio.to_thread(stage.simulator.calls, "sendMessage"):
        words = str(call.params.get("text", "")).partition(": ")[2]
        due = due_at.pop(words, None)
        if due is not None:
            latencies.append(call.at - due)
    spread = Spread.of(latencies)
    yield Figure(
        f"group.{RATE}",
        spread.p99 if spread is not None else float("inf"),
        "ms p99",
        is_better_high=False,
        baseline="baseline.echo",
        goal=_GOAL_MS,
        spread=spread,
        cpu=cpu,
        note=f"{len(due_at)} lost",
    )
