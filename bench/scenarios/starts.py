"""How many conversations can be started."""

from collections.abc import AsyncIterator

from bench import load
from bench.customers import START, checked
from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.http import Client
from bench.scenarios.baselines import TRANSACTIONS
from bench.stage import Stage


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Starts per second, closed loop, by one and two web processes."""
    for processes, callers in ((1, 16), (1, 32), (2, 32)):
        clients = await stage.use_web(processes)
        await _start(clients, callers, effort.warm_up_seconds)
        stage.cpu.start()
        rate, latencies = await _start(clients, callers, effort.seconds)
        yield Figure(
            f"starts.{processes}web.c{callers}",
            rate,
            "starts/s",
            baseline=TRANSACTIONS,
            spread=Spread.of(latencies),
            cpu=stage.cpu.per(len(latencies)),
        )


async def _start(clients: list[Client], callers: int, seconds: float) -> tuple[float, list[float]]:
    async def start(number: int) -> None:
        checked(await clients[number % len(clients)].exchange(START))

    return await load.closed(start, callers=callers, seconds=seconds)
