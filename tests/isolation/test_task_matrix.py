"""Every Celery task, with two tenants before it whose things look the same."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from chatorical.celery import app
from outbox import dispatcher
from outbox.dispatcher import Drain
from outbox.errors import ChannelOnHold
from outbox.kinds import AfterDelivery, Kind
from outbox.models import Lane, OutboxHold, OutboxItem
from outbox.queueing import Payload
from outbox.services import enqueue
from tenants import audit, services
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.isolation.rows import Household
from tests.isolation.task_drivers import DRIVERS
from tests.isolation.written import assert_apart, written_for

_DRAIN = "outbox.tasks.drain"


@pytest.fixture(scope="module", autouse=True)
def known_tasks() -> set[str]:
    """The names of our tasks, all of them imported, as a worker has them."""
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def work_through(task: str) -> None:
    """Run it as the worker does, with the signals that go with it; then nothing is left open."""
    app.tasks[task].apply(throw=True)
    assert scope_of_the_connection() == ("", "")


def scope_of_the_connection() -> tuple[str, str]:
    """The tenant and the purpose that the database takes us to work for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('app.tenant_id', true), ''), "
            "coalesce(current_setting('app.platform', true), '')"
        )
        row: tuple[str, str] = cursor.fetchone()
        return row


def test_every_task_is_driven(known_tasks: set[str]) -> None:
    assert known_tasks == DRIVERS.keys() | {_DRAIN}


@pytest.mark.parametrize("task", DRIVERS)
def test_a_task_does_for_each_tenant_what_is_due_there(
    task: str, acme: Household, globex: Household
) -> None:
    checks = [DRIVERS[task](home) for home in (acme, globex)]
    for _ in range(2):
        work_through(task)
        for check in checks:
            check()
        assert_apart(acme.tenant, globex.tenant)


@pytest.mark.parametrize("task", DRIVERS)
def test_a_task_finds_one_tenants_work_without_the_others(
    task: str, acme: Household, globex: Household
) -> None:
    """Nothing is due at the neighbour: whatever changes there was not theirs to change."""
    before = written_for(globex.tenant)
    check = DRIVERS[task](acme)
    work_through(task)
    check()
    after = written_for(globex.tenant)
    assert before.keys() - after.keys() <= _due_by_themselves(task, before)
    assert {name: before[name] for name in after} == after


def _due_by_themselves(task: str, rows: dict[str, str]) -> set[str]:
    """A used token of the household has expired in the moment it is made."""
    is_about_tokens = task == "conversations.tasks.forget_used_tokens"
    return {name for name in rows if is_about_tokens and "usedsockettoken" in name}


class Secret(Payload, frozen=True, kw_only=True):
    """What one tenant's item carries."""

    secret: str


class Correspondence:
    """Two tenants who enqueue the same, under the same names, through the same budget."""

    def __init__(self) -> None:
        self.acme, self.globex = (
            services.create_tenant(slug=f"{name}-{uuid4().hex}", name=name, actor=audit.SYSTEM)
            for name in ("acme", "globex")
        )
        self.held_up: set[UUID] = set()
        self.kind = Kind(f"test.{uuid4().hex[:12]}", Secret, lane=Lane.CUSTOMER_MESSAGE)
        self.kind.handler(self._deliver)

    def _deliver(self, item: OutboxItem, payload: Secret) -> AfterDelivery | None:
        # A sender starts with nobody's connection.
        assert scope_of_the_connection() == ("", "")
        if item.tenant_id in self.held_up:
            raise ChannelOnHold("busy", until=timezone.now() + timedelta(hours=1))
        return lambda: self._note(item, payload)

    def _note(self, item: OutboxItem, payload: Secret) -> None:
        """What came of it is written in a scope that the drain has opened."""
        tenant_id, _ = scope_of_the_connection()
        assert tenant_id == str(item.tenant_id)
        with tenant_scope(item.tenant_id) as tenant:
            audit.record(
                tenant=tenant,
                actor=audit.SYSTEM,
                action="test.delivered",
                object_type="test",
                object_id=payload.secret,
            )

    def effect(self, tenant: Tenant) -> None:
        """One to be kept now, and one later."""
        with tenant_scope(tenant.pk) as scoped:
            for name, not_before in (("now", None), ("later", timezone.now() + _HOUR)):
                promised = self.kind.effect(
                    Secret(secret=f"{name} of {tenant.slug}"),
                    ordering_key=f"the same {name}",
                    idempotency_key=name,
                    channel="the same for both",
                    not_before=not_before,
                )
                enqueue(tenant=scoped, effects=[promised])

    def standing(self, tenant: Tenant) -> tuple[dict[str, str], list[str]]:
        """What has become of the effects, and what has been noted about them."""
        with tenant_scope(tenant.pk):
            items = dict(OutboxItem.objects.values_list("idempotency_key", "status"))
            entries = AuditEntry.objects.filter(action="test.delivered")
            return items, [entry.object_id for entry in entries]


_HOUR = timedelta(hours=1)


@pytest.fixture
def letters(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Correspondence]:
    """Their effects, and a process that knows of no other kinds."""
    opened = Correspondence()
    monkeypatch.setattr(dispatcher, "_drain", Drain(senders=2, kinds=[opened.kind.name]))
    yield opened
    for tenant in (opened.acme, opened.globex):
        with tenant_scope(tenant.pk):
            OutboxItem.objects.all().delete()
            OutboxHold.objects.all().delete()
    connection.close()


def drain() -> None:
    """What a worker does that gets the task: it wakes the poller, which drains."""
    work_through(_DRAIN)
    dispatcher.process_drain().run()
    assert scope_of_the_connection() == ("", "")


def test_the_drain_keeps_each_tenants_promises_in_its_name(letters: Correspondence) -> None:
    tenants = letters.acme, letters.globex
    for tenant in tenants:
        letters.effect(tenant)
    drain()
    for tenant in tenants:
        items, noted = letters.standing(tenant)
        assert items == {"now": OutboxItem.Status.DONE, "later": OutboxItem.Status.PENDING}
        assert noted == [f"now of {tenant.slug}"]
    assert_apart(*tenants)


def test_a_budget_that_is_used_up_is_one_tenants(letters: Correspondence) -> None:
    letters.held_up = {letters.acme.pk}
    for tenant in (letters.acme, letters.globex):
        letters.effect(tenant)
    drain()
    pending, done = OutboxItem.Status.PENDING, OutboxItem.Status.DONE
    assert letters.standing(letters.acme) == ({"now": pending, "later": pending}, [])
    items, noted = letters.standing(letters.globex)
    assert (items["now"], noted) == (done, [f"now of {letters.globex.slug}"])
    holds: dict[str, Any] = {}
    for tenant in (letters.acme, letters.globex):
        with tenant_scope(tenant.pk):
            holds[tenant.slug] = OutboxHold.objects.count()
    assert holds == {letters.acme.slug: 1, letters.globex.slug: 0}
