"""What the tests of the Telegram side share."""

import os
from collections.abc import Iterator

import pytest

from telegram_simulator.client import SimulatorClient, running_simulator
from tenants.models import Tenant
from tests.cast import setting
from tests.stage import Stage, open_stage
from tests.template_database import migrated_database

# The budget of the rough stage: small enough to be spent, wide enough not to slow tests down.
POINTS, WINDOW_SECONDS = 20, 1


@pytest.fixture(autouse=True)
def every_call_was_valid(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test is about: no call may break the Bot API's published parameters."""
    yield
    if "simulator" in request.fixturenames:
        simulator: SimulatorClient = request.getfixturevalue("simulator")
        assert simulator.violations() == []


@pytest.fixture
def without_files(default_tenant: Tenant) -> Iterator[None]:
    """The tenant takes no files: of pictures and the like, customers get the words alone."""
    with setting(default_tenant, "attachments.allowed", False):
        yield


@pytest.fixture(scope="session")
def rough_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of one's own: an impatient product, with a Telegram that may fail in any way."""
    with migrated_database("rough") as addresses, running_simulator() as simulator:
        environment = {
            **addresses,
            "REDIS_PREFIX": f"{os.environ['REDIS_PREFIX']}-rough",
            "TELEGRAM_GROUP_POINTS": str(POINTS),
            "TELEGRAM_GROUP_DURATION_SEC": str(WINDOW_SECONDS),
            "TELEGRAM_READ_TIMEOUT_SEC": "3",
            "TELEGRAM_PROBE_SEC": "1",
            "RL_SEND_POINTS": "0",
        }
        simulator.set_pacing(enabled=False)
        with open_stage(simulator, environment, tmp_path_factory.mktemp("rough")) as stage:
            yield stage


@pytest.fixture
def rough(rough_stage: Stage) -> Iterator[Stage]:
    """The rough stage in good order, and left so."""
    rough_stage.worker.skip_log()
    yield rough_stage
    simulator = rough_stage.simulator
    simulator.clear_faults()
    simulator.set_pacing(enabled=False)
    simulator.set_server_options(deleted_topic_answer="thread_not_found")
    simulator.set_delivery(held_kinds=[])
    assert simulator.violations() == []
