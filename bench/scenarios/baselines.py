"""What the machine can do without us: PostgreSQL alone, and the same server around nothing."""

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter

from bench import load
from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.http import Client, post_request
from bench.process import Running
from bench.stage import Stage
from bench.websocket import Socket, open_socket

TRANSACTIONS = "baseline.pgbench"
REQUESTS = "baseline.http"
ECHO_RATE = 200


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """pgbench's transactions; requests, echoes, connects and memory of a bare server."""
    await stage.use_web(0)
    await stage.use_worker(is_wanted=False)
    directory, seconds = stage.directory, max(1, int(effort.seconds))
    tps = await asyncio.to_thread(stage.database.pgbench, directory, clients=8, seconds=seconds)
    yield Figure(TRANSACTIONS, tps, "transactions/s", note="insert + update, 8 clients")
    bare, port = await stage.start_bare()
    try:
        yield await _requests(port, effort)
        yield await _paced_echoes(port, effort)
        for figure in await connect_and_idle(port, bare, "/", effort.idle_sockets[0], "baseline"):
            yield figure
    finally:
        await bare.stop()


async def _requests(port: int, effort: Effort) -> Figure:
    client, request = Client(port), post_request("/", {"text": "Hello"})

    async def post(_number: int) -> None:
        await client.exchange(request)

    rate, latencies = await load.closed(post, callers=32, seconds=effort.seconds)
    client.close()
    return Figure(REQUESTS, rate, "POSTs/s", spread=Spread.of(latencies), note="32 callers")


async def _paced_echoes(port: int, effort: Effort) -> Figure:
    due_at: dict[bytes, float] = {}
    latencies: list[float] = []

    def heard(text: bytes) -> None:
        latencies.append(perf_counter() - due_at.pop(text))

    sockets = [await open_socket(port, "/", heard) for _ in range(effort.sockets)]

    async def say(number: int, due: float) -> None:
        text = str(number).encode()
        due_at[text] = due
        sockets[number % len(sockets)].send(text)

    await load.paced(say, rate=ECHO_RATE, count=int(ECHO_RATE * effort.seconds))
    await asyncio.sleep(0.2)
    for socket in sockets:
        socket.close()
    spread = Spread.of(latencies)
    assert spread is not None
    note = f"{ECHO_RATE}/s over {effort.sockets} sockets"
    return Figure("baseline.echo", spread.p99, "ms p99", False, spread=spread, note=note)


async def connect_and_idle(
    port: int, server: Running, path: str, count: int, name: str
) -> list[Figure]:
    """Connects per second, and the memory of each socket that then does nothing."""
    return await connect_and_idle_at(port, server, [path] * count, name)


async def connect_and_idle_at(
    port: int, server: Running, paths: list[str], name: str
) -> list[Figure]:
    """As `connect_and_idle`, each socket with a path of its own."""
    warm = [await open_socket(port, path) for path in paths[:20]]
    await asyncio.sleep(0.3)
    before = server.resident_bytes
    sockets: list[Socket] = []

    async def connect(number: int) -> None:
        sockets.append(await open_socket(port, paths[20 + number]))

    count = len(paths) - 20
    seconds = await load.each(connect, count=count, callers=32)
    await asyncio.sleep(0.5)
    kilobytes = (server.resident_bytes - before) / 1024 / count
    lost = sum(socket.is_lost for socket in sockets)
    for socket in (*warm, *sockets):
        socket.close()
    await asyncio.sleep(0.5)
    note = f"{len(paths)} sockets" + (f", {lost} LOST" if lost else "")
    is_baseline = name == "baseline"
    return [
        Figure(
            f"{name}.connects",
            count / seconds,
            "connects/s",
            baseline="" if is_baseline else "baseline.connects",
            note=note,
        ),
        Figure(
            f"{name}.memory",
            kilobytes,
            "KB per idle socket",
            is_better_high=False,
            baseline="" if is_baseline else "baseline.memory",
            goal=None if is_baseline else 35,
            note=note,
        ),
    ]
