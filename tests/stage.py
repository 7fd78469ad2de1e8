"""The cast and the stage: real servers, a simulated Telegram, tenants acme and globex."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from telegram_simulator.client import SimulatorClient, SupportGroup, running_simulator
from tests import customer
from tests.customer import Customer
from tests.databases import addresses_of_tests, as_owner
from tests.processes import Process, Product, free_port
from tests.template_database import migrated_template

BOT_TOKEN = "123456789:AAtesttesttesttesttesttesttesttest"
CHAT_ID = -1001234567890
WEBHOOK_SECRET = "webhook-secret-for-tests"
HEADER_SECRET = "header-secret-for-tests"


@dataclass
class Stage:
    """The whole product in its processes."""

    product: Product
    web: str
    second_web: str
    worker: Process
    beat: Process
    simulator: SimulatorClient
    group: SupportGroup

    def customer(self, **details: str) -> Customer:
        """A new customer at the first web process."""
        return customer.arrive(self.web, **details)

    @property
    def webhook_url(self) -> str:
        """Where Telegram delivers to."""
        return f"{self.web}/v1/telegram/webhook/{WEBHOOK_SECRET}"


def stage_environment(simulator: SimulatorClient) -> dict[str, str]:
    """The settings of a test's product."""
    return {
        "ENVIRONMENT": "development",
        "TELEGRAM_API_URL": simulator.base_url,
        "TELEGRAM_GROUP_POINTS": "100000",
        "BOT_TOKEN": BOT_TOKEN,
        "SUPPORT_GROUP_ID": str(CHAT_ID),
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "TELEGRAM_HEADER_SECRET": HEADER_SECRET,
        "RL_HISTORY_POINTS": "100000",
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Tests work in one transaction, as tenants and as the platform: with the login that may.

    The processes of a stage have a login for each.
    """
    if settings.PLATFORM_DATABASE is not None:
        settings.DATABASES["default"].update(settings.PLATFORM_DATABASE)
        settings.PLATFORM_DATABASE = None


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    """This worker's own database, whichever kind of test asks for it first.

    pytest-django makes one only when it sees tests with its own mark; ours are used by processes.
    """
    with django_db_blocker.unblock():
        with migrated_template() as template, as_owner():
            # Migrating then finds nothing to do.
            connection.settings_dict["TEST"]["TEMPLATE"] = template
            databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        yield
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # its stubs know no pool
        with as_owner():
            teardown_databases(databases, verbosity=0)


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorClient]:
    """A Telegram without limits or faults, until a test asks for some."""
    with running_simulator() as running:
        running.set_pacing(enabled=False)
        yield running


@pytest.fixture(scope="session")
def stage(
    django_db_setup: None,
    simulator: SimulatorClient,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """Two web processes, a worker and beat around this run's database."""
    folder = tmp_path_factory.mktemp("stage")
    with open_stage(simulator, addresses_of_tests(), folder) as opened:
        yield opened


class open_stage:
    """A stage of one's own, in a database that is migrated already."""

    def __init__(
        self,
        simulator: SimulatorClient,
        environment: dict[str, str],
        folder: Path,
        product_type: type[Product] = Product,
    ) -> None:
        self._simulator = simulator
        self._folder = folder
        self._product = product_type({**stage_environment(simulator), **environment})

    def __enter__(self) -> Stage:
        try:
            return self._open()
        except BaseException:
            self._product.stop()
            raise

    def _open(self) -> Stage:
        group = self._simulator.add_support_group(token=BOT_TOKEN, chat_id=CHAT_ID)
        # Pages and texts of every process name the first one's address.
        port = free_port()
        self._product.environment["PUBLIC_ORIGIN"] = f"http://127.0.0.1:{port}"
        _, web = self._product.web(port)
        _, second_web = self._product.web()
        self._product.manage("configure_default_channel")
        worker = self._product.worker()
        beat = self._product.beat(self._folder / "schedule")
        self._simulator.wait_for_call("setWebhook", timeout_seconds=120)
        return Stage(self._product, web, second_web, worker, beat, self._simulator, group)

    def __exit__(self, *_error: object) -> None:
        self._product.stop()


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database as processes see it: what a test writes is committed and stays."""
    with django_db_blocker.unblock():
        yield
