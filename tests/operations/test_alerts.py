"""Each alert rule fires when what it is about has happened, and none does on a calm day.

The product runs as its systemd units say; each test breaks one thing, and Prometheus' own tool
evaluates the rules over what /metrics said before and after.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import pytest
import requests

from devtools.postgres import EmbeddedPostgres
from devtools.redis import EmbeddedRedis
from telegram_simulator.client import running_simulator
from tests import customer
from tests.customer import Customer
from tests.operations.alerts import Timeline, alert_names, check
from tests.operations.conftest import Observed
from tests.operations.layouts import SystemdProduct
from tests.processes import Product
from tests.stage import HEADER_SECRET, open_stage

pytestmark = pytest.mark.xdist_group("alerts")

Break = Callable[[Observed], AbstractContextManager[object]]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    folder: Path = tmp_path_factory.mktemp("shipped")
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
        }
        Product(environment).manage("migrate", "--verbosity", "0")
        with open_stage(simulator, environment, folder, SystemdProduct) as stage:
            process, web = stage.product.web()
            observed = Observed(stage, postgres, redis, process, web)
            _conversation(observed)
            yield observed


def _conversation(shipped: Observed, name: str = "Mara") -> tuple[Customer, int]:
    """A customer whose first words have arrived in a topic."""
    visitor = shipped.stage.customer(name=name)
    visitor.send("hello")
    topic = shipped.stage.group.wait_for_topic(f"{name} — {visitor.codename}")
    shipped.stage.group.wait_for_message(f"{name}: hello", topic.thread_id)
    return visitor, topic.thread_id


def _sql(shipped: Observed, statement: LiteralString) -> None:
    with shipped.postgres.connect("chatorical") as connection:
        connection.execute(statement)


def _call(method: str, outcome: str) -> str:
    return f'chatorical_telegram_calls_total{{method="{method}",outcome="{outcome}"}}'


def _waiting(kind: str, status: str = "PENDING") -> str:
    return f'chatorical_outbox_depth{{kind="{kind}",status="{status}"}}'


# --- what breaks -----------------------------------------------------------------------------


@contextmanager
def worker_is_gone(shipped: Observed) -> Iterator[None]:
    shipped.stage.worker.kill()
    yield
    shipped.stage.worker.start()


@contextmanager
def telegram_is_away(shipped: Observed) -> Iterator[None]:
    """For long enough; time is what the test moves."""
    visitor, _ = _conversation(shipped)
    shipped.stage.simulator.add_fault("reset", times=None)
    visitor.send("Are you there?")
    visitor.rename("Maria")
    for kind in ("telegram.post", "telegram.sync_title"):
        shipped.wait_for_figure(_waiting(kind), 1)
    _sql(
        shipped,
        "UPDATE outbox_outboxitem SET created_at = created_at - interval '5 hours' "
        "WHERE status = 'PENDING'",
    )
    yield
    _sql(shipped, "UPDATE outbox_outboxitem SET next_attempt_at = now() WHERE status = 'PENDING'")


@contextmanager
def telegram_fails(shipped: Observed) -> Iterator[None]:
    shipped.stage.simulator.add_fault("error", times=None, status=500)
    for number in range(12):
        shipped.stage.customer(name=f"Visitor {number}").send("hello")
    shipped.wait_for_figure('chatorical_telegram_call_faults_total{outcome="ServerTrouble"}', 12)
    yield


@contextmanager
def telegram_refuses_a_post(shipped: Observed) -> Iterator[None]:
    visitor, _ = _conversation(shipped)
    shipped.stage.simulator.add_fault(
        "error", method="sendMessage", status=400, description="Bad Request: chat is odd"
    )
    visitor.send("Are you there?")
    shipped.wait_for_figure(_waiting("telegram.post", "DEAD"), 1)
    yield
    _sql(shipped, "UPDATE outbox_outboxitem SET status = 'DISCARDED' WHERE status = 'DEAD'")


@contextmanager
def bot_is_thrown_out(shipped: Observed) -> Iterator[None]:
    visitor, _ = _conversation(shipped)
    shipped.stage.simulator.add_fault("error", method="sendMessage", name="kicked")
    visitor.send("Are you there?")
    shipped.wait_for_figure(_call("sendMessage", "ChatLost"), 1)
    yield


@contextmanager
def telegram_brakes(shipped: Observed) -> Iterator[None]:
    visitor, _ = _conversation(shipped)
    shipped.stage.simulator.add_fault("flood", method="sendMessage", retry_after=400)
    visitor.send("Are you there?")
    shipped.wait_for_figure(_call("sendMessage", "FloodWait"), 1)
    yield


@contextmanager
def database_is_away_from_the_webhook(shipped: Observed) -> Iterator[None]:
    shipped.postgres.kill()
    assert _webhook(shipped, update_id=1).status_code == 503
    shipped.postgres.restart()
    yield


@contextmanager
def webhook_secrets_differ(shipped: Observed) -> Iterator[None]:
    for number in range(8):
        assert _webhook(shipped, update_id=number, secret="a stale one").status_code == 401
    yield


@contextmanager
def rows_are_locked(shipped: Observed) -> Iterator[None]:
    """Calls take three seconds; the time is the fault here."""
    visitor, thread_id = _conversation(shipped)
    shipped.stage.group.write("Ana", "/claim", thread_id)
    shipped.stage.group.wait_for_message("Ana has claimed this conversation.", thread_id)
    before = shipped.figures()["chatorical_telegram_webhook_seconds_sum"]
    sending = threading.Thread(target=visitor.send, args=["hello?"])
    with shipped.postgres.connect("chatorical") as connection, connection.transaction():
        connection.execute("LOCK TABLE conversations_message IN EXCLUSIVE MODE")
        sending.start()
        shipped.stage.group.write("Ana", "Good morning", thread_id)
        threading.Event().wait(3)
    sending.join()
    shipped.wait_for_figure("chatorical_telegram_webhook_seconds_sum", before + 2.5)
    yield


@contextmanager
def table_is_missing(shipped: Observed) -> Iterator[None]:
    """A fault of ours, as after a migration that did not fit."""
    _sql(shipped, "ALTER TABLE conversations_conversation RENAME TO mislaid")
    try:
        answer = requests.post(f"{shipped.web}/v1/conversations/start", json={}, timeout=30)
        assert answer.status_code == 500
    finally:
        _sql(shipped, "ALTER TABLE mislaid RENAME TO conversations_conversation")
    yield


@contextmanager
def redis_is_gone(shipped: Observed) -> Iterator[None]:
    visitor, _ = _conversation(shipped)
    shipped.redis.kill()
    for number in range(12):
        visitor.send(f"message {number}")
    yield
    shipped.redis.restart()


@contextmanager
def starts_are_flooded(shipped: Observed) -> Iterator[None]:
    address = {"X-Forwarded-For": "203.0.113.77"}
    with requests.Session() as session:
        for _ in range(600):
            session.post(
                f"{shipped.web}/v1/conversations/start", json={}, headers=address, timeout=30
            )
    yield


@contextmanager
def retention_is_behind(shipped: Observed) -> Iterator[None]:
    _, thread_id = _conversation(shipped)
    shipped.stage.group.write("Ana", "/close", thread_id)
    shipped.stage.group.wait_until_topic(thread_id, is_closed=True)
    _sql(
        shipped,
        "UPDATE conversations_conversation SET closed_at = closed_at - interval '100 days' "
        "WHERE closed_at IS NOT NULL",
    )
    yield
    _sql(shipped, "UPDATE conversations_conversation SET closed_at = now() WHERE closed_at < now()")


@contextmanager
def nobody_claims_for_long(shipped: Observed) -> Iterator[None]:
    _, thread_id = _conversation(shipped)
    _sql(
        shipped,
        "UPDATE conversations_conversation SET waiting_since = waiting_since - interval '1 hour'",
    )
    before = shipped.figures().get("chatorical_claim_seconds_count", 0)
    shipped.stage.group.write("Ana", "/claim", thread_id)
    shipped.wait_for_figure("chatorical_claim_seconds_count", before + 1)
    yield


def _webhook(shipped: Observed, update_id: int, secret: str = HEADER_SECRET) -> requests.Response:
    return requests.post(
        shipped.stage.webhook_url,
        json={"update_id": update_id},
        headers={"X-Telegram-Bot-Api-Secret-Token": secret},
        timeout=30,
    )


# --- what fires ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Which alert fires, how many minutes after what; `goes_on` as in Timeline."""

    alert: str
    fault: Break
    labels: dict[str, str] = field(default_factory=dict)
    minutes: int = 1
    goes_on: bool = False


CASES = [
    Case("ChatoricalProcessMissing", worker_is_gone, {"role": "worker"}, minutes=3),
    Case("ChatoricalDeliveriesStuck", telegram_is_away, {"kind": "telegram.post"}, minutes=4),
    Case(
        "ChatoricalCosmeticDeliveriesLate",
        telegram_is_away,
        {"kind": "telegram.sync_title"},
        minutes=16,
    ),
    Case("ChatoricalDeadDeliveries", telegram_refuses_a_post, {"kind": "telegram.post"}),
    Case("ChatoricalTelegramNeedsAPerson", bot_is_thrown_out, {"outcome": "ChatLost"}),
    Case("ChatoricalTelegramIsBraking", telegram_brakes),
    Case("ChatoricalTelegramIsAway", telegram_fails, minutes=7, goes_on=True),
    Case("ChatoricalWebhooksFail", database_is_away_from_the_webhook, {"outcome": "failed"}),
    Case("ChatoricalWebhooksRefused", webhook_secrets_differ),
    Case("ChatoricalWebhooksSlow", rows_are_locked, minutes=25, goes_on=True),
    Case("ChatoricalRequestsCrash", table_is_missing, {"surface": "start"}),
    Case(
        "ChatoricalRequestsSlow",
        rows_are_locked,
        {"surface": "conversation"},
        minutes=25,
        goes_on=True,
    ),
    Case("ChatoricalRedisIsAway", redis_is_gone, minutes=4, goes_on=True),
    Case("ChatoricalRateLimited", starts_are_flooded, {"bucket": "start"}),
    Case("ChatoricalRetentionLate", retention_is_behind, minutes=62),
    Case("ChatoricalCustomersWaitForAClaim", nobody_claims_for_long, minutes=45, goes_on=True),
]


def test_every_rule_is_proved() -> None:
    assert [case.alert for case in CASES] == alert_names()


def test_a_calm_day_wakes_nobody(shipped: Observed, tmp_path: Path) -> None:
    before = shipped.figures()
    customer.arrive(shipped.web, name="Zoe").send("hello")
    timeline = Timeline(before, shipped.figures(), minutes=60)
    check(timeline, tmp_path, alert="", labels=None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_an_alert_fires(case: Case, shipped: Observed, tmp_path: Path) -> None:
    before = shipped.figures()
    try:
        with case.fault(shipped):
            after = shipped.figures()
    finally:
        shipped.stage.simulator.clear_faults()
        _sql(shipped, "DELETE FROM outbox_outboxhold")
    timeline = Timeline(before, after, case.minutes, goes_on=case.goes_on)
    check(timeline, tmp_path, case.alert, case.labels)
