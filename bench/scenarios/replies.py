"""How soon an agent's answer is on the customer's screen."""

import asyncio
import json
from collections.abc import AsyncIterator
from time import perf_counter

from bench import load
from bench.customers import Customer, agent_reply, checked, claim_all, give_topics, start_many
from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.http import Client
from bench.stage import Stage
from bench.websocket import open_socket

_GOAL_RATE, _GOAL_MS = 250, 250
_TIMEOUT_SECONDS = 20.0


class Listener:
    """What all sockets have heard: each answer's text names itself."""

    def __init__(self) -> None:
        self.due_at: dict[str, float] = {}
        self.latencies: list[float] = []
        self.repeated = 0

    def heard(self, frame: bytes) -> None:
        """Take a frame of any socket."""
        text = json.loads(frame).get("text", "")
        if not text.startswith("answer "):
            return
        due = self.due_at.pop(text, None)
        if due is None:
            self.repeated += 1
        else:
            self.latencies.append(perf_counter() - due)


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Webhook call to frame at the socket, at fixed rates, counting what never comes."""
    clients = await stage.use_web(1)
    client = clients[0]
    customers = await start_many(client, effort.sockets)
    await give_topics(stage, client, customers)
    await claim_all(stage, client, customers)
    listener = Listener()
    sockets = [
        await open_socket(client.port, customer.socket_path, listener.heard)
        for customer in customers
    ]
    await _reply(client, customers, listener, rate=50, seconds=effort.warm_up_seconds)
    for rate in effort.reply_rates:
        listener.latencies.clear()
        listener.repeated = 0
        stage.cpu.start()
        await _reply(client, customers, listener, rate=rate, seconds=effort.seconds)
        spread = Spread.of(listener.latencies)
        lost = len(listener.due_at)
        listener.due_at.clear()
        yield Figure(
            f"replies.{rate}",
            spread.p99 if spread is not None else float("inf"),
            "ms p99",
            is_better_high=False,
            baseline="baseline.echo",
            goal=_GOAL_MS if rate <= _GOAL_RATE else None,
            spread=spread,
            cpu=stage.cpu.per(rate * effort.seconds),
            note=f"{lost} lost" + (f", {listener.repeated} twice" if listener.repeated else ""),
        )
    for socket in sockets:
        socket.close()


async def _reply(
    client: Client, customers: list[Customer], listener: Listener, *, rate: int, seconds: float
) -> None:
    async def reply(number: int, due: float) -> None:
        text = f"answer {rate} {number}"
        listener.due_at[text] = due
        checked(await client.exchange(agent_reply(customers[number % len(customers)], text)))

    await load.paced(reply, rate=rate, count=int(rate * seconds))
    # Answers are confirmed after the commit; their frames may be a moment behind.
    patience_ends = perf_counter() + _TIMEOUT_SECONDS
    while listener.due_at and perf_counter() < patience_ends:  # noqa: ASYNC110 - heard in a callback
        await asyncio.sleep(0.05)
