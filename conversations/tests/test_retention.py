"""What is deleted when, of whom, and what becomes of everything around it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from conversations import services
from conversations.events import ConversationsDeleted
from conversations.models import Conversation, Status
from conversations.services import retention
from kernel import events
from kernel.clock import now_ms
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant, TenantOwned
from tenants.scope import tenant_scope
from tenants.services import create_tenant, reset_setting, set_setting, set_tenant_status

pytestmark = pytest.mark.django_db
DAYS = "retention.closed.days"
# What agents are still to see; this app does not know who delivers it.
OutboxItem = apps.get_model("outbox", "OutboxItem")


@pytest.fixture
def tenant(db: None) -> Tenant:
    """A tenant of its own."""
    return new_tenant()


def new_tenant() -> Tenant:
    return create_tenant(slug=f"t-{uuid4().hex}", name="T", actor=SYSTEM)


def written(tenant: Tenant, *, messages: int = 1, name: str = "Mara") -> Conversation:
    """A conversation in which the customer has written."""
    with tenant_scope(tenant.pk) as scoped:
        made = services.start_conversation(tenant=scoped, customer_name=name, locale="en")
        for number in range(messages):
            services.add_customer_message(
                tenant=scoped, conversation_id=made.pk, text=f"Line {number}"
            )
        return made


def closed(tenant: Tenant, *, days: float, messages: int = 1, name: str = "Mara") -> Conversation:
    """A conversation that was closed so many days ago."""
    made = written(tenant, messages=messages, name=name)
    with tenant_scope(tenant.pk) as scoped:
        services.close_conversation(tenant=scoped, conversation_id=made.pk, actor=SYSTEM)
    grow_old(made, days)
    return made


def grow_old(conversation: Conversation, days: float) -> None:
    """Everything about it is that much longer ago."""
    with tenant_scope(conversation.tenant_id), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE conversations_conversation SET created_at = created_at - given.span,
                   updated_at = updated_at - given.span, closed_at = closed_at - given.span,
                   last_message_at = last_message_at - given.span
               FROM (SELECT make_interval(secs => %s) AS span) given WHERE id = %s""",
            [days * 86_400, conversation.pk],
        )


def exists(conversation: Conversation) -> bool:
    with tenant_scope(conversation.tenant_id):
        return Conversation.objects.filter(pk=conversation.pk).exists()


def keep_for(tenant: Tenant, days: int) -> None:
    with tenant_scope(tenant.pk) as scoped:
        set_setting(tenant=scoped, key=DAYS, value=days, actor=SYSTEM)


def entries(tenant: Tenant) -> list[AuditEntry]:
    """What the trail says about runs."""
    with tenant_scope(tenant.pk):
        return list(AuditEntry.objects.filter(action="retention.ran").order_by("at"))


@contextmanager
def listening(handler: Callable[[ConversationsDeleted], None]) -> Iterator[None]:
    """One more subscriber to deletions, as another app could be."""
    with pytest.MonkeyPatch.context() as patch:
        handlers = events._handlers[ConversationsDeleted]
        patch.setitem(events._handlers, ConversationsDeleted, [*handlers, handler])
        yield


def run(tenant: Tenant, *, at_most: int | None = retention.MAX_PER_RUN) -> int:
    """Of this tenant, for the tests of a worker share their database."""
    outcome = retention.run_retention(of=[tenant.pk], at_most=at_most)
    assert not outcome.failed
    return outcome.deleted.get(tenant.pk, 0)


@pytest.mark.parametrize(
    ("kept_for", "days", "is_deleted"),
    [
        # The platform's default.
        (None, 89.99, False),
        (None, 90.01, True),
        (None, 4000, True),
        # The tenant's own, shorter and longer.
        (1, 0.99, False),
        (1, 1.01, True),
        (365, 364, False),
        (365, 366, True),
        # For ever.
        (0, 4000, False),
    ],
)
def test_how_long_a_closed_conversation_is_kept(
    tenant: Tenant, kept_for: int | None, days: float, is_deleted: bool
) -> None:
    assert settings.RETENTION_DAYS == 90
    if kept_for is not None:
        keep_for(tenant, kept_for)
    conversation = closed(tenant, days=days)
    assert run(tenant) == int(is_deleted)
    assert exists(conversation) is not is_deleted


def test_without_a_default_only_tenants_that_ask_for_it_lose_something(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "RETENTION_DAYS", 0)
    conversation = closed(tenant, days=4000)
    assert run(tenant) == 0
    keep_for(tenant, 30)
    assert run(tenant) == 1
    with tenant_scope(tenant.pk) as scoped:
        reset_setting(tenant=scoped, key=DAYS, actor=SYSTEM)
    assert not exists(conversation)
    assert run(tenant) == 0


@pytest.mark.parametrize("status", [status for status in Status if status != Status.CLOSED])
def test_nothing_but_the_closed_is_touched(tenant: Tenant, status: Status) -> None:
    conversation = written(tenant)
    with tenant_scope(tenant.pk) as scoped:
        ana = services.see_agent(tenant=scoped, channel_user_id="5", channel_name="Ana")
        which: dict[str, Any] = {"tenant": scoped, "conversation_id": conversation.pk}
        if status in (Status.OPEN_ASSIGNED, Status.AWAITING_CUSTOMER):
            services.claim_conversation(**which, agent=ana)
        if status == Status.AWAITING_CUSTOMER:
            services.add_agent_reply(**which, agent=ana, text="Hi")
        if status == Status.BLOCKED:
            # Closed first: what was closed and then blocked is not closed any more.
            services.close_conversation(**which, actor=SYSTEM)
            services.block_conversation(**which, actor=SYSTEM)
    grow_old(conversation, 4000)
    with tenant_scope(tenant.pk):
        stored = Conversation.objects.get(pk=conversation.pk)
    assert (stored.status, stored.closed_at) == (status, None)
    assert run(tenant) == 0
    assert exists(conversation)


def test_closing_anew_counts_anew(tenant: Tenant) -> None:
    conversation = closed(tenant, days=100)
    with tenant_scope(tenant.pk) as scoped:
        which: dict[str, Any] = {"tenant": scoped, "conversation_id": conversation.pk}
        services.add_customer_message(**which, text="One more thing")
        assert Conversation.objects.get(pk=conversation.pk).closed_at is None
    assert run(tenant) == 0
    before = now_ms()
    with tenant_scope(tenant.pk) as scoped:
        services.close_conversation(**{**which, "tenant": scoped}, actor=SYSTEM)
        closed_at = Conversation.objects.get(pk=conversation.pk).closed_at
    assert closed_at is not None
    assert closed_at >= before
    grow_old(conversation, 89)
    assert run(tenant) == 0
    grow_old(conversation, 2)
    assert run(tenant) == 1


def test_what_agents_note_on_a_closed_one_does_not_keep_it(tenant: Tenant) -> None:
    conversation = closed(tenant, days=91)
    with tenant_scope(tenant.pk) as scoped:
        services.change_note(
            tenant=scoped, conversation_id=conversation.pk, note="VIP", actor=SYSTEM
        )
    assert run(tenant) == 1


def test_a_legal_hold_keeps_it_until_it_is_lifted(tenant: Tenant) -> None:
    held, free = closed(tenant, days=100), closed(tenant, days=100)
    with tenant_scope(tenant.pk) as scoped:
        services.place_legal_hold(
            tenant=scoped, conversation_id=held.pk, reason="Case 7", actor=SYSTEM
        )
    assert run(tenant) == 1
    assert (exists(held), exists(free)) == (True, False)
    with tenant_scope(tenant.pk) as scoped:
        assert retention.look_ahead(scoped).on_legal_hold == 1
        services.lift_legal_hold(tenant=scoped, conversation_id=held.pk, actor=SYSTEM)
    assert run(tenant) == 1
    assert not exists(held)


def test_a_suspended_tenants_conversations_go_as_well(tenant: Tenant) -> None:
    conversation = closed(tenant, days=100)
    with tenant_scope(tenant.pk) as scoped:
        set_tenant_status(tenant=scoped, status=Tenant.Status.SUSPENDED, actor=SYSTEM)
    assert run(tenant) == 1
    assert not exists(conversation)


def test_a_run_leaves_one_entry_without_names(tenant: Tenant) -> None:
    for number in range(5):
        closed(tenant, days=100 + number, messages=3, name="Mara Ozola")
    newer = closed(tenant, days=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, "BATCH", 2)
        assert run(tenant) == 5
    (entry,) = entries(tenant)
    closed_before = entry.changes.pop("closed_before")
    # Three lines of the customer, and the closing text.
    assert entry.changes == {"conversations": 5, "messages": 20, "days": 90}
    cutoff = datetime.fromisoformat(closed_before)
    assert abs(now_ms() - cutoff - timedelta(days=90)) < timedelta(minutes=5)
    assert (entry.actor_kind, entry.actor_id) == ("system", "retention")
    assert (entry.object_type, entry.object_id) == ("tenant", str(tenant.pk))
    with tenant_scope(tenant.pk):
        assert not AuditEntry.objects.filter(action="conversation.deleted").exists()
        assert "Ozola" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert exists(newer)
    assert run(tenant) == 0
    assert len(entries(tenant)) == 1, "a run without work leaves none"


def test_a_run_takes_some_and_the_next_one_the_rest(tenant: Tenant) -> None:
    oldest = [closed(tenant, days=200 + number) for number in range(3)]
    rest = [closed(tenant, days=100 + number) for number in range(2)]
    assert run(tenant, at_most=3) == 3
    assert not any(map(exists, oldest))
    assert all(map(exists, rest))
    assert run(tenant, at_most=3) == 2
    assert [entry.changes["conversations"] for entry in entries(tenant)] == [3, 2]


def test_long_conversations_make_small_batches(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        closed(tenant, days=100 + number, messages=3)
    sizes: list[int] = []

    def note_size(event: ConversationsDeleted) -> None:
        sizes.append(len(event.conversations))

    monkeypatch.setattr(retention, "_MAX_MESSAGES", 9)
    with listening(note_size):
        assert run(tenant) == 4
    # Four messages each, with the closing text.
    assert sizes == [2, 2]


def test_a_batch_is_deleted_whole_or_not_at_all(tenant: Tenant) -> None:
    conversations = [closed(tenant, days=100) for _ in range(3)]

    def fail(event: ConversationsDeleted) -> None:
        raise ValueError("a subscriber that cannot")

    with listening(fail):
        outcome = retention.run_retention(of=[tenant.pk])
    assert (outcome.deleted, outcome.failed) == ({}, [tenant.pk])
    assert all(map(exists, conversations))
    assert entries(tenant) == []
    assert run(tenant) == 3


def test_a_tenant_for_which_it_fails_stops_no_other(tenant: Tenant) -> None:
    other = new_tenant()
    broken, fine = closed(tenant, days=200), closed(other, days=100)

    def fail(event: ConversationsDeleted) -> None:
        if event.tenant.pk == tenant.pk:
            raise ValueError("a subscriber that cannot")

    with listening(fail):
        outcome = retention.run_retention(of=[tenant.pk, other.pk])
    assert (outcome.deleted, outcome.failed) == ({other.pk: 1}, [tenant.pk])
    assert (exists(broken), exists(fine)) == (True, False)


def test_nothing_that_names_it_stays_but_who_did_what_and_how_much_was_used(tenant: Tenant) -> None:
    conversation = written(tenant, name="Mara Ozola")
    with tenant_scope(tenant.pk) as scoped:
        which: dict[str, Any] = {
            "tenant": scoped,
            "conversation_id": conversation.pk,
            "actor": SYSTEM,
        }
        services.change_codename(**which, codename="The Ozola Case")
        services.close_conversation(**which)
        # As it stands after deliveries of each sort; some finished, some given up, some waiting.
        for number, item in enumerate(OutboxItem.objects.all()):
            item.status = ("DONE", "DEAD", "PENDING")[number % 3]
            item.save()
    grow_old(conversation, 100)
    assert run(tenant) == 1
    marks = (str(conversation.pk), "Ozola")
    left: dict[str, list[str]] = {}
    with tenant_scope(tenant.pk):
        for model in apps.get_models():
            if not issubclass(model, TenantOwned):
                continue
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")
                rows = [row for (row,) in cursor.fetchall() if any(mark in row for mark in marks)]
            if rows:
                left[model.__name__] = rows
    # That a message was sent, and not what it said, stays for the bill: docs/adr/0018-metering.md.
    assert set(left) == {"AuditEntry", "UsageFact"}, left
    assert "Ozola" not in str(left)


def test_a_look_ahead_counts_and_changes_nothing(tenant: Tenant) -> None:
    oldest = closed(tenant, days=200, messages=2)
    closed(tenant, days=100)
    closed(tenant, days=10)
    with tenant_scope(tenant.pk) as scoped:
        outlook = retention.look_ahead(scoped)
        stored = Conversation.objects.get(pk=oldest.pk).closed_at
    # With a closing text each.
    assert outlook == retention.Outlook(days=90, conversations=2, messages=5, oldest=stored)
    assert exists(oldest)
    assert entries(tenant) == []


def test_what_is_overdue_is_seen(tenant: Tenant) -> None:
    keep_for(tenant, 10)
    closed(tenant, days=4000)
    assert retention.overdue() >= timedelta(days=3989)
    run(tenant)
    assert retention.overdue() < timedelta(days=3989)


def test_a_worker_whose_clock_is_far_ahead_deletes_nothing_before_its_time(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    young, old = closed(tenant, days=80), closed(tenant, days=91)
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(days=365))
    retention.run_retention(of=[tenant.pk])
    monkeypatch.undo()
    assert (exists(young), exists(old)) == (True, False)
