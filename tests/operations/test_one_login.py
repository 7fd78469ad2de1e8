"""An installation with one login for everything works, and says what that login may."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from channels_telegram.tests.cases import open_case
from devtools.postgres import EmbeddedPostgres
from telegram_simulator.client import running_simulator
from tests.processes import Product, free_port
from tests.stage import BOT_TOKEN, CHAT_ID, Stage, stage_environment

_OWNER = "shopkeeper"
_DATABASE = "shop"


class OneLoginPostgres(EmbeddedPostgres):
    """A server without the product's roles: a superuser, and an ordinary owner of the database."""

    def after_ready(self) -> None:
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {_OWNER} LOGIN")
            connection.execute(f"CREATE DATABASE {_DATABASE} OWNER {_OWNER}")

    @property
    def one_login(self) -> dict[str, str]:
        """The settings of an installation that has the owner's login only."""
        others = {"PLATFORM_DATABASE_URL": "", "MIGRATE_DATABASE_URL": ""}
        url = f"postgres://{_OWNER}@/{_DATABASE}?host={self.socket_directory}"
        return {**others, "DATABASE_URL": url, "REDIS_PREFIX": f"one-login-{uuid4().hex[:8]}"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneLoginPostgres]:
    folder = tmp_path_factory.mktemp("one-login")
    with OneLoginPostgres(folder / "postgres", durable=False) as server:
        yield server


@pytest.fixture(scope="module")
def stage(server: OneLoginPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One process of each kind with the owner's login, as an operator would start them."""
    with running_simulator() as simulator:
        simulator.set_pacing(enabled=False)
        environment = {**stage_environment(simulator), **server.one_login}
        group = simulator.add_support_group(token=BOT_TOKEN, chat_id=CHAT_ID)
        port = free_port()
        environment["PUBLIC_ORIGIN"] = f"http://127.0.0.1:{port}"
        with Product(environment) as product, ThreadPoolExecutor(3) as pool:
            product.manage("migrate", "--verbosity", "0")
            product.manage("configure_default_channel")
            starting = pool.submit(product.web, port)
            worker = pool.submit(product.worker)
            beat = pool.submit(product.beat, tmp_path_factory.mktemp("beat") / "schedule")
            _, web = starting.result()
            yield Stage(product, web, web, worker.result(), beat.result(), simulator, group)


def test_the_owner_alone_does_everything_and_is_named(stage: Stage) -> None:
    case = open_case(stage)
    case.claim()
    case.customer.send("is somebody there?")
    case.told(": is somebody there?")
    case.write("Ana", "I am")
    case.settled()
    assert case.history()[-1] == "I am"
    powers = ["owns tables", "creates objects", "sees the statements of other sessions"]
    named = [f"DATABASE_URL: {power}" for power in powers]
    answer = requests.get(f"{stage.web}/ready", timeout=30)
    assert (answer.status_code, answer.json()["degraded"]) == (200, named)
    said = stage.product.manage("check", "--database", "default")
    assert "tenants.W005" in said
    assert "; ".join(named) in said


def test_a_superuser_is_named_where_it_steps_down_and_refused_where_not(stage: Stage) -> None:
    """No policy binds it: nothing is stored that nothing would keep apart."""
    url = stage.product.environment["DATABASE_URL"].replace(f"//{_OWNER}@", "//postgres@")
    given = {**stage.product.environment, "DATABASE_URL": url}
    restricted, unrestricted = Product({**given, "DATABASE_ROLE": _OWNER}), Product(given)
    said = restricted.manage("check", "--database", "default")
    assert "tenants.W005" in said
    assert "DATABASE_URL: is superuser." in said
    with pytest.raises(AssertionError, match=r"tenants\.E001"):
        unrestricted.manage("migrate", "--verbosity", "0")
