"""Retention as it runs: by beat and worker into a tenant's own group, by command, and killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from celery.beat import PersistentScheduler
from django.db import connection
from django.utils import timezone

from channels_telegram.services import ChannelConfig, configure_channel
from chatorical.celery import app
from conversations import services
from conversations.models import Conversation
from conversations.services import retention
from devtools.paths import ROOT
from outbox.models import OutboxItem
from telegram_simulator.client import SimulatorClient, SupportGroup
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests.conftest import Stage
from tests.customer import Customer, arrive
from tests.databases import addresses_of_tests
from tests.locks import until_it_waits_for_us

WAIT_SECONDS = 60
BEAT_ENTRY = "delete closed conversations"


@pytest.fixture
def tenant(committed_db: None) -> Iterator[Tenant]:
    """A tenant whose rows every process sees."""
    yield create_tenant(slug=f"keep-{uuid4().hex[:12]}", name="Keep", actor=SYSTEM)
    connection.close()


@pytest.fixture
def group(tenant: Tenant, simulator: SimulatorClient) -> SupportGroup:
    """The tenant's own bot in its own group."""
    number = uuid4().int
    token = f"{number % 10**9 + 10**9}:AA{uuid4().hex}"
    chat_id = -(10**12 + number % 10**9)
    made = simulator.add_support_group(token=token, chat_id=chat_id, username="keep_bot")
    with tenant_scope(tenant.pk) as scoped:
        configure_channel(tenant=scoped, config=ChannelConfig(token, chat_id), actor=SYSTEM)
    return made


@dataclass
class Talk:
    """A customer of the tenant, and the topic that their conversation has."""

    customer: Customer
    thread_id: int

    @property
    def id(self) -> UUID:
        """The conversation's."""
        return UUID(self.customer.conversation_id)


def talk(stage: Stage, tenant: Tenant, group: SupportGroup) -> Talk:
    """They have written, and agents have seen it."""
    customer = arrive(stage.web, tenant=tenant.slug)
    customer.send("Do you ship to Riga?")
    topic = group.wait_for_topic(customer.codename, timeout_seconds=WAIT_SECONDS)
    group.wait_for_message(": Do you ship to Riga?", topic.thread_id, timeout_seconds=WAIT_SECONDS)
    return Talk(customer, topic.thread_id)


def close(tenant: Tenant, *conversation_ids: UUID) -> None:
    with tenant_scope(tenant.pk) as scoped:
        for one in conversation_ids:
            services.close_conversation(tenant=scoped, conversation_id=one, actor=SYSTEM)


def grow_old(tenant: Tenant, *conversation_ids: UUID, days: int = 91) -> None:
    """As if everything had happened that much earlier."""
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE conversations_conversation SET created_at = created_at - given.span,
                   updated_at = updated_at - given.span, closed_at = closed_at - given.span
               FROM (SELECT make_interval(days => %s) AS span) given WHERE id = ANY(%s)""",
            [days, list(conversation_ids)],
        )


def closed_long_ago(tenant: Tenant, count: int) -> list[UUID]:
    """So many conversations whose time is over."""
    with tenant_scope(tenant.pk) as scoped:
        ids = []
        for _ in range(count):
            made = services.start_conversation(tenant=scoped, customer_name="Mara", locale="en")
            services.add_customer_message(tenant=scoped, conversation_id=made.pk, text="Hello")
            ids.append(made.pk)
    close(tenant, *ids)
    grow_old(tenant, *ids)
    return ids


def left(tenant: Tenant) -> set[UUID]:
    with tenant_scope(tenant.pk):
        return set(Conversation.objects.values_list("pk", flat=True))


def runs(tenant: Tenant) -> list[dict[str, object]]:
    """What the trail says about each run."""
    with tenant_scope(tenant.pk):
        entries = AuditEntry.objects.filter(action="retention.ran").order_by("at")
        return list(entries.values_list("changes", flat=True))


def schedule_of_hours_ago(file: Path) -> None:
    """What a beat has noted that last asked for retention two hours ago."""
    notes = PersistentScheduler(app, schedule_filename=str(file))
    notes.schedule[BEAT_ENTRY].last_run_at = timezone.now() - timedelta(hours=2)
    notes.close()


def test_beat_and_worker_take_a_tenants_old_topics_out_of_its_group(
    stage: Stage, tenant: Tenant, group: SupportGroup, tmp_path: Path
) -> None:
    old, held, newer, blocked, waiting = (talk(stage, tenant, group) for _ in range(5))
    close(tenant, old.id, held.id, newer.id, blocked.id)
    with tenant_scope(tenant.pk) as scoped:
        services.place_legal_hold(
            tenant=scoped, conversation_id=held.id, reason="Case 7", actor=SYSTEM
        )
        services.block_conversation(tenant=scoped, conversation_id=blocked.id, actor=SYSTEM)
    grow_old(tenant, old.id, held.id, blocked.id, waiting.id)
    for one in (old, held, newer):
        group.wait_until_topic(one.thread_id, is_closed=True, timeout_seconds=WAIT_SECONDS)

    # The stage's own beat will not ask within the hour; another one has not asked for two.
    schedule = tmp_path / "schedule"
    schedule_of_hours_ago(schedule)
    beat = stage.product.beat(schedule)
    stage.simulator.wait_for_call(
        "deleteForumTopic",
        chat_id=group.chat_id,
        thread_id=old.thread_id,
        timeout_seconds=WAIT_SECONDS,
    )
    assert group.topic(old.thread_id) is None
    beat.stop()

    assert left(tenant) == {held.id, newer.id, blocked.id, waiting.id}
    for one in (held, newer, blocked, waiting):
        assert group.topic(one.thread_id) is not None
    assert old.customer.call("GET", "messages").status_code == 404
    assert [run["conversations"] for run in runs(tenant)] == [1]


def command(*words: str) -> list[str]:
    return [sys.executable, "manage.py", "retention", *words]


def environment() -> dict[str, str]:
    return {**os.environ, **addresses_of_tests()}


def by_hand(*words: str) -> subprocess.CompletedProcess[str]:
    """What a person sees who types this."""
    return subprocess.run(
        command(*words), cwd=ROOT, env=environment(), capture_output=True, text=True
    )


def test_a_person_looks_first_and_then_does_it(tenant: Tenant) -> None:
    ids = closed_long_ago(tenant, 3)
    with tenant_scope(tenant.pk) as scoped:
        services.place_legal_hold(
            tenant=scoped, conversation_id=ids[0], reason="Case 7", actor=SYSTEM
        )
    looked = by_hand("--dry-run", "--tenant", tenant.slug)
    assert looked.returncode == 0, looked.stderr
    line, total = looked.stdout.strip().splitlines()
    assert line.startswith(
        f"{tenant.slug}: 2 conversations with 4 messages, closed more than 90 days ago; the oldest "
    )
    assert line.endswith("; 1 more on legal hold")
    assert total == "2 conversations would be deleted. Nothing was changed."
    assert left(tenant) == set(ids)
    done = by_hand("--tenant", tenant.slug)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"{tenant.slug}: 2 deleted")
    assert left(tenant) == {ids[0]}
    unknown = by_hand("--tenant", "nobody-here")
    assert unknown.returncode == 1
    assert "There is no tenant called 'nobody-here'." in unknown.stderr


def test_a_run_that_is_killed_has_done_a_batch_whole_or_not_at_all(tenant: Tenant) -> None:
    ids = closed_long_ago(tenant, 3)
    with tenant_scope(tenant.pk):
        # What is enqueued about one of them cannot be deleted, so the batch stops in the middle.
        key = f"telegram:{ids[1]}"
        assert list(OutboxItem.objects.select_for_update().filter(ordering_key=key))
        run = subprocess.Popen(
            command("--tenant", tenant.slug),
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_it_waits_for_us()
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert left(tenant) == set(ids)
    assert runs(tenant) == []
    with tenant_scope(tenant.pk):
        assert not OutboxItem.objects.filter(kind="telegram.delete_topic").exists()
    assert retention.run_retention(of=[tenant.pk]).deleted == {tenant.pk: 3}
    assert [entry["conversations"] for entry in runs(tenant)] == [3]


def test_workers_share_the_work_and_delete_each_once(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 5)
    ids = closed_long_ago(tenant, 60)

    def work(_number: int) -> int:
        try:
            outcome = retention.run_retention(of=[tenant.pk])
            assert not outcome.failed
            return outcome.deleted.get(tenant.pk, 0)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as workers:
        assert sum(workers.map(work, range(3))) == len(ids)
    assert left(tenant) == set()
    noted = [run["conversations"] for run in runs(tenant)]
    assert sum(map(int, map(str, noted))) == len(ids)
    assert len(noted) <= 3, "one entry for each run"
