"""How many messages customers can send, alone and while the outbox is drained beside them."""

from collections.abc import AsyncIterator

from bench import load
from bench.customers import Customer, checked, give_topics, start_many
from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.http import Client
from bench.scenarios.baselines import TRANSACTIONS
from bench.stage import Stage

# (web processes, callers, whether the worker runs)
_POINTS = ((1, 16, False), (1, 32, False), (2, 32, False), (1, 32, True))
_GOAL = 300


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Message POSTs per second, closed loop, spread over conversations that have topics."""
    clients = await stage.use_web(1)
    customers = await start_many(clients[0], effort.sockets)
    await give_topics(stage, clients[0], customers)
    for processes, callers, has_worker in _POINTS:
        clients = await stage.use_web(processes)
        await stage.use_worker(is_wanted=has_worker)
        await _send(clients, customers, callers, effort.warm_up_seconds)
        stage.cpu.start()
        rate, latencies = await _send(clients, customers, callers, effort.seconds)
        yield Figure(
            f"sends.{processes}web.c{callers}" + (".worker" if has_worker else ""),
            rate,
            "POSTs/s",
            baseline=TRANSACTIONS,
            goal=_GOAL if processes == 1 and not has_worker else None,
            spread=Spread.of(latencies),
            cpu=stage.cpu.per(len(latencies)),
            note="worker draining beside" if has_worker else "",
        )
        await stage.use_worker(is_wanted=False)
        await stage.forget_backlog()


async def _send(
    clients: list[Client], customers: list[Customer], callers: int, seconds: float
) -> tuple[float, list[float]]:
    async def send(number: int) -> None:
        request = customers[number % len(customers)].message(f"Message number {number}.")
        checked(await clients[number % len(clients)].exchange(request))

    return await load.closed(send, callers=callers, seconds=seconds)
