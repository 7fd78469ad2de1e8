"""What a calm tenant notices of a noisy one."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from time import perf_counter

from bench import load
from bench.customers import Customer, agent_reply, checked, claim_all, give_topics, start_many
from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.http import Client
from bench.stage import Stage
from bench.trouble import Noisy
from bench.websocket import Socket, open_socket

_CUSTOMERS = 20
# Of each kind, so that the calm tenant itself is no load worth speaking of.
_RATE = 5
_GOAL_RATIO = 2
_LATE_SECONDS = 10.0
# Times the usual duration: among forty acts of a kind, the two slowest would decide what p95 is.
_LONGER = 3
_KINDS = ("send", "echo", "delivery", "reply")


class Calm:
    """The calm tenant's people, and how long everything took them."""

    def __init__(self, client: Client, customers: list[Customer]) -> None:
        self._client = client
        self._customers = customers
        self._sockets: list[Socket] = []
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.due_at: dict[str, float] = {}

    async def connect(self) -> None:
        """Open a socket for each customer."""
        for customer in self._customers:
            self._sockets.append(
                await open_socket(self._client.port, customer.socket_path, self._heard)
            )

    def close(self) -> None:
        """Hang up."""
        for socket in self._sockets:
            socket.close()

    def begin(self) -> None:
        """Forget what an earlier phase has taken."""
        self.seconds.clear()
        self.due_at.clear()

    async def live(self, phase: str, seconds: float) -> None:
        """Send over HTTP and the socket, and get agents' answers, at fixed rates."""
        count = int(_RATE * seconds)
        await asyncio.gather(
            *(
                load.paced(self._acting(kind, phase), rate=_RATE, count=count)
                for kind in ("send", "echo", "reply")
            )
        )
        ends = perf_counter() + _LATE_SECONDS
        while self._missing() and perf_counter() < ends:  # noqa: ASYNC110 - heard in a callback
            await asyncio.sleep(0.05)
        now = perf_counter()
        for name in self._missing():
            self.seconds[name.partition(" ")[0]].append(now - self.due_at.pop(name))

    def _missing(self) -> list[str]:
        return [name for name in self.due_at if not name.startswith("send ")]

    def _acting(self, kind: str, phase: str) -> Callable[[int, float], Awaitable[None]]:
        async def act(number: int, due: float) -> None:
            name = f"{kind} {phase} {number} end"
            self.due_at[name] = due
            customer = self._customers[number % len(self._customers)]
            if kind == "echo":
                self._sockets[number % len(self._sockets)].send(name.encode())
            elif kind == "reply":
                checked(await self._client.exchange(agent_reply(customer, name)))
            else:
                checked(await self._client.exchange(customer.message(name)))
                self.seconds["send"].append(perf_counter() - due)

        return act

    def _heard(self, frame: bytes) -> None:
        text = json.loads(frame).get("text", "")
        kind = text.partition(" ")[0]
        if kind in ("echo", "reply") and (due := self.due_at.pop(text, None)) is not None:
            self.seconds[kind].append(perf_counter() - due)


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """The calm tenant's latencies while the noisy one is calm too, and while it is not."""
    client = (await stage.use_web(1))[0]
    customers = await start_many(client, _CUSTOMERS)
    await give_topics(stage, client, customers)
    await claim_all(stage, client, customers)
    noisy = await Noisy.arrive(stage, client)
    await stage.settle()
    calm = Calm(client, customers)
    await calm.connect()
    phases = {
        "calm": noisy.calm,
        "hang": noisy.hang,
        "backlog": noisy.backlog,
        "read": noisy.read,
        # The last one, for it leaves the limits of the noisy tenant's address used up.
        "flood": noisy.flood,
    }
    calm_p95: dict[str, float] = {}
    for phase, trouble in phases.items():
        calm.begin()
        await asyncio.to_thread(stage.simulator.clear_calls)
        async with trouble():
            await calm.live(phase, _LONGER * effort.seconds)
            await _hear_telegram(stage, calm)
        for kind in _KINDS:
            figure = _figure(phase, kind, calm.seconds[kind], calm_p95.get(kind))
            if phase == "calm":
                calm_p95[kind] = figure.value
            yield figure
    calm.close()


async def _hear_telegram(stage: Stage, calm: Calm) -> None:
    """When each sent message arrived at the simulated Telegram; the missing are waited for."""
    wall_minus_counter = time.time() - perf_counter()
    ends = perf_counter() + _LATE_SECONDS
    while True:
        for call in await asyncio.to_thread(stage.simulator.calls, "sendMessage"):
            words = str(call.params.get("text", "")).partition(": ")[2]
            if words.startswith("send ") and (due := calm.due_at.pop(words, None)) is not None:
                calm.seconds["delivery"].append(call.at - wall_minus_counter - due)
        if not calm.due_at or perf_counter() > ends:
            break
        await asyncio.sleep(0.2)
    # What has not arrived by now took at least so long.
    now = perf_counter()
    calm.seconds["delivery"].extend(now - due for due in calm.due_at.values())


def _figure(phase: str, kind: str, seconds: list[float], calm_p95: float | None) -> Figure:
    spread = Spread.of(seconds)
    return Figure(
        f"neighbour.{phase}.{kind}",
        spread.p95 if spread is not None else float("inf"),
        "ms p95",
        is_better_high=False,
        baseline="" if phase == "calm" else f"neighbour.calm.{kind}",
        goal=None if calm_p95 is None else round(_GOAL_RATIO * calm_p95),
        spread=spread,
    )
