"""A stage whose servers may be killed, paused and broken: they belong to one module of tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.postgres import EmbeddedPostgres
from devtools.redis import EmbeddedRedis
from telegram_simulator.client import running_simulator
from tests.processes import Product
from tests.stage import Stage, open_stage

TIMEOUT_SECONDS = 60


@dataclass
class Frail:
    """The processes and the servers below them."""

    stage: Stage
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis


@contextmanager
def frail_stage(folder: Path, **settings: str) -> Iterator[Frail]:
    """A stage around its own PostgreSQL and its own Redis."""
    with (
        EmbeddedPostgres(folder / "pg") as postgres,
        EmbeddedRedis(folder / "redis", keep=False) as redis,
        running_simulator() as simulator,
    ):
        simulator.set_pacing(enabled=False)
        environment = {
            **postgres.addresses,
            "REDIS_URL": redis.url,
            "OUTBOX_LEASE_SECONDS": "3",
            "RL_SEND_POINTS": "0",
            "WS_MSGS_PER_WINDOW": "10000",
            **settings,
        }
        Product(environment).manage("migrate", "--verbosity", "0")
        with open_stage(simulator, environment, folder) as stage:
            yield Frail(stage, postgres, redis)
