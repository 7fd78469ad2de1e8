"""However the product is deployed, /metrics of a web process shows what every process has done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.postgres import EmbeddedPostgres
from devtools.redis import EmbeddedRedis
from telegram_simulator.client import running_simulator
from tests.operations.conftest import Observed
from tests.operations.layouts import ComposeProduct, DeployedProduct, SystemdProduct
from tests.processes import Product
from tests.stage import open_stage

pytestmark = pytest.mark.xdist_group("layouts")
ROLES = ("web", "worker", "beat")


@pytest.fixture(scope="module", params=[SystemdProduct, ComposeProduct, DeployedProduct])
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Observed]:
    folder: Path = tmp_path_factory.mktemp("deployed")
    with (
        EmbeddedPostgres(folder / "pg") as postgres,
        EmbeddedRedis(folder / "redis") as redis,
        running_simulator() as simulator,
    ):
        simulator.set_pacing(enabled=False)
        environment = {
            **postgres.addresses,
            "REDIS_URL": redis.url,
            "CHATORICAL_DATA_DIR": str(folder / "data"),
            "UNCLAIMED_REMINDER_1_MS": "1000",
        }
        Product(environment).manage("migrate", "--verbosity", "0")
        with open_stage(simulator, environment, folder, request.param) as stage:
            process, web = stage.product.web()
            yield Observed(stage, postgres, redis, process, web)


def test_metrics_of_web_show_what_worker_and_beat_do(deployed: Observed) -> None:
    visitor = deployed.stage.customer(name="Mara")
    visitor.send("Do you ship to Riga?")
    topic = deployed.stage.group.wait_for_topic(f"Mara — {visitor.codename}")
    deployed.stage.group.wait_for_message("Mara: Do you ship to Riga?", topic.thread_id)

    for name in (
        'chatorical_outbox_attempts_total{kind="telegram.post",outcome="done"}',
        'chatorical_telegram_calls_total{method="sendMessage",outcome="ok"}',
        'chatorical_timers_total{outcome="done",timer="reminder"}',
    ):
        deployed.wait_for_figure(name, 1)
    figures = deployed.figures()
    processes = {role: figures[f'chatorical_processes{{role="{role}"}}'] for role in ROLES}
    assert processes == {"web": 3, "worker": 1, "beat": 1}
    assert any(name.startswith("process_resident_memory_bytes{") for name in figures)


def test_counters_survive_the_process_that_counted(deployed: Observed) -> None:
    deployed.stage.customer().send("Anybody there?")
    posts = 'chatorical_telegram_calls_total{method="sendMessage",outcome="ok"}'
    deployed.wait_for_figure(posts, 1)
    before = deployed.figures()[posts]

    alive = 'chatorical_processes{role="worker"}'
    deployed.stage.worker.kill()
    deployed.stage.simulator.wait_for(lambda: deployed.figures()[alive] == 0, "no worker")
    deployed.stage.worker.start()
    after = deployed.figures()
    assert after[alive] == 1
    assert after[posts] >= before
