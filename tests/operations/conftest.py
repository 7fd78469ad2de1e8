"""A stage whose figures of all processes are gathered, around servers of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from devtools.postgres import EmbeddedPostgres
from devtools.redis import EmbeddedRedis
from telegram_simulator.client import running_simulator
from tests.conftest import Stage, open_stage
from tests.processes import Process, Product

Figures = dict[str, float]


@dataclass
class Observed:
    """A stage that can be looked into; `log` is that of the web process at `web`."""

    stage: Stage
    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    process: Process
    web: str

    def figures(self) -> Figures:
        """Every sample of /metrics, as `name{label="value"}` with sorted labels."""
        return figures_of(self.web)

    def wait_for_figure(self, name: str, value: float) -> None:
        """Until /metrics says so: the worker counts after its commit, which nobody announces."""
        self.stage.simulator.wait_for(
            lambda: self.figures().get(name, 0.0) >= value, f"{name} at {value}"
        )


def figures_of(web: str) -> Figures:
    """Every sample that a web process shows."""
    answer = requests.get(f"{web}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    return {
        _name(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _name(name: str, labels: dict[str, str]) -> str:
    inner = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name


@pytest.fixture(scope="package")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """Web, worker and beat with one directory for their figures."""
    folder: Path = tmp_path_factory.mktemp("observed")
    gathered = folder / "figures"
    gathered.mkdir()
    with (
        EmbeddedPostgres(folder / "pg") as postgres,
        EmbeddedRedis(folder / "redis") as redis,
        running_simulator() as simulator,
    ):
        simulator.set_pacing(enabled=False)
        environment = {
            **postgres.addresses,
            "REDIS_URL": redis.url,
            "PROMETHEUS_MULTIPROC_DIR": str(gathered),
            "LOG_LEVEL": "INFO",
        }
        Product(environment).manage("migrate", "--verbosity", "0")
        with open_stage(simulator, environment, folder) as stage:
            process, web = stage.product.web()
            yield Observed(stage, postgres, redis, process, web)
