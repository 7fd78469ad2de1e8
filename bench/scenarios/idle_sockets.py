"""What a socket costs that nobody says anything on."""

from collections.abc import AsyncIterator

from bench.customers import start_many
from bench.effort import Effort
from bench.figures import Figure
from bench.scenarios.baselines import connect_and_idle_at
from bench.stage import Stage


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Connects per second and memory per idle socket, each in a conversation of its own."""
    for count in effort.idle_sockets:
        client = await stage.fresh_web()
        customers = await start_many(client, count)
        paths = [customer.socket_path for customer in customers]
        for figure in await connect_and_idle_at(
            client.port, stage.web[0], paths, f"sockets.{count}"
        ):
            yield figure
