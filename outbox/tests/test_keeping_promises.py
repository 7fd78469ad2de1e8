"""The drain against real rows: order, leases, holds, lanes, and what a person can do."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from outbox import claiming, dispatcher, poller, services, tasks
from outbox.dispatcher import Drain
from outbox.errors import ChannelOnHold, DeliveryError
from outbox.kinds import Kind, find_kind, redacted
from outbox.models import Lane, OutboxHold, OutboxItem
from outbox.tasks import KEEP_FINISHED, prune
from outbox.tests.office import Letter, Office
from outbox.turns import Room
from tenants.audit import SYSTEM
from tenants.models import AuditEntry
from tenants.scope import platform_scope, tenant_scope

EVERYTHING = Room(100, per_channel=100)


def test_a_promise_is_kept_once_and_marked(office: Office) -> None:
    office.effect("one")
    office.effect("one")
    office.drain()
    assert office.tried == ["one"]
    item = office.item("one")
    assert (item.status, item.attempts, item.lease) == (OutboxItem.Status.DONE, 1, None)


def test_items_of_one_key_leave_in_order_even_when_one_fails(office: Office) -> None:
    failures = iter([DeliveryError("500"), None, None, None])

    def fail_first(item: OutboxItem) -> None:
        error = next(failures)
        if error is not None:
            raise error

    office.behave = fail_first
    for name in ("a", "b", "c"):
        office.effect(name, order=office.kind)
    office.drain()
    assert office.tried == ["a"], "the others wait behind the one that failed"
    assert office.item("a").last_error == "500"
    office.change("a", next_attempt_at=timezone.now())
    office.drain()
    assert office.tried == ["a", "a", "b", "c"]


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({}, "missing required field `name`"),
        ({"name": ["a secret word"]}, "Expected `str`, got `array` - at `$.name`"),
        ("a secret word", "Expected `object`, got `str`"),
    ],
)
def test_a_payload_that_cannot_be_read_is_dead_at_once_and_holds_nobody_up(
    office: Office, payload: object, problem: str
) -> None:
    office.effect("a", order=office.kind)
    office.effect("b", order=office.kind)
    office.change("a", payload=payload)
    office.drain()
    item = office.item("a")
    assert (item.status, item.attempts) == (OutboxItem.Status.DEAD, 1)
    assert item.last_error.startswith("the payload cannot be read: ")
    assert problem in item.last_error
    assert "secret" not in item.last_error
    assert office.tried == ["b"]


def test_of_a_payload_only_what_its_kind_allows_is_shown(office: Office) -> None:
    kind = Kind(f"test.{uuid4().hex[:12]}", Letter, lane=Lane.COSMETIC)
    made = kind.effect(
        Letter(conversation="of whom", text="Where is it?"),
        ordering_key=kind.name,
        idempotency_key=kind.name,
    )
    with tenant_scope(office.tenant.pk) as tenant:
        services.enqueue(tenant=tenant, effects=[made])
        item = OutboxItem.objects.get(idempotency_key=kind.name)
    assert redacted(item) == {"conversation": "of whom", "text": "hidden (12 characters)"}
    item.kind = "test.of a version that is gone"
    assert redacted(item) == {
        "conversation": "hidden (7 characters)",
        "text": "hidden (12 characters)",
    }


def test_a_kind_has_one_name_and_one_handler(office: Office) -> None:
    with pytest.raises(ValueError, match="exists already"):
        Kind(office.kind, Letter, lane=Lane.COSMETIC)
    kind = find_kind(office.kind)
    assert kind is not None
    with pytest.raises(ValueError, match="has a handler already"):
        kind.handler(lambda item, payload: None)


def test_a_dead_item_lets_the_next_ones_go(office: Office) -> None:
    def refuse_a(item: OutboxItem) -> None:
        if item.payload["name"] == "a":
            raise DeliveryError("never", permanent=True)

    office.behave = refuse_a
    office.effect("a", order=office.kind)
    office.effect("b", order=office.kind)
    office.drain()
    assert office.item("a").status == OutboxItem.Status.DEAD
    assert office.item("b").status == OutboxItem.Status.DONE


def test_two_drains_never_take_the_same_item(office: Office) -> None:
    names = [f"item {number}" for number in range(60)]
    for name in names:
        office.effect(name)
    threads = [threading.Thread(target=office.drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(office.tried) == sorted(names)


def test_the_best_lane_goes_first(office: Office) -> None:
    office.effect("title", lane=Lane.COSMETIC)
    office.effect("message", lane=Lane.CUSTOMER_MESSAGE)
    office.effect("notice", lane=Lane.AGENT_ACTION)
    Drain(senders=1, kinds=[office.kind]).run()
    assert office.tried == ["notice", "message", "title"]


def test_an_item_whose_worker_died_is_tried_again_when_its_lease_ends(office: Office) -> None:
    office.effect("one")
    with platform_scope("test"):
        claiming.claim_batch(EVERYTHING, kinds=[office.kind])
    office.drain()
    assert office.tried == [], "somebody else holds it"
    office.change("one", next_attempt_at=timezone.now(), leased_until=timezone.now())
    office.drain()
    assert office.tried == ["one"]
    assert office.item("one").attempts == 2


def test_an_outcome_under_a_lost_lease_does_not_count(office: Office) -> None:
    office.effect("one")
    with platform_scope("test"):
        [mine] = claiming.claim_batch(EVERYTHING, kinds=[office.kind]).items
    office.change("one", lease=uuid4())
    with platform_scope("test"):
        assert claiming.finish(items=[mine.pk], leases=[mine.lease or uuid4()]) == set()
    assert office.item("one").status == OutboxItem.Status.PENDING


def test_a_hold_stops_all_items_of_its_channel(office: Office) -> None:
    channel = f"channel:{office.kind}"

    def closed(item: OutboxItem) -> None:
        until = timezone.now() + timedelta(minutes=5)
        raise ChannelOnHold("spent", until=until, reason="The bot was removed.")

    office.behave = closed
    office.effect("a", channel=channel)
    Drain(senders=1, kinds=[office.kind]).run()
    office.effect("b", channel=channel)
    Drain(senders=1, kinds=[office.kind]).run()
    assert office.tried == ["a"]
    assert office.item("a").attempts == 0, "nothing was attempted"

    with tenant_scope(office.tenant.pk) as tenant:
        assert OutboxHold.objects.get(channel=channel).reason == "The bot was removed."
        services.release_channel(tenant=tenant, channel=channel)
    office.behave = lambda item: None
    office.drain()
    assert office.item("a").status == office.item("b").status == OutboxItem.Status.DONE


def test_an_expired_item_is_not_sent(office: Office) -> None:
    office.effect("late")
    office.change("late", expires_at=timezone.now())
    office.drain()
    assert office.tried == []
    late = office.item("late")
    assert (late.status, late.attempts) == (OutboxItem.Status.DISCARDED, 0)
    assert late.last_error == "expired before it could be sent"
    assert late.finished_at is not None, "or it would never be forgotten"


def test_a_handlers_bug_costs_its_own_item_only(office: Office) -> None:
    def crash_on_a(item: OutboxItem) -> None:
        if item.payload["name"] == "a":
            raise ZeroDivisionError

    office.behave = crash_on_a
    office.effect("a")
    office.effect("b")
    office.drain()
    assert office.item("a").last_error == "ZeroDivisionError in the handler"
    assert office.item("a").status == OutboxItem.Status.PENDING
    assert office.item("b").status == OutboxItem.Status.DONE


def test_a_kind_that_nobody_knows_waits_untouched(office: Office) -> None:
    office.effect("known")
    office.effect("new")
    office.change("new", kind="kind.of.tomorrow")
    office.drain()
    assert office.tried == ["known"]
    assert office.item("new").attempts == 0


def test_a_person_retries_or_discards_what_is_dead(office: Office) -> None:
    def refuse(item: OutboxItem) -> None:
        raise DeliveryError("never", permanent=True)

    office.behave = refuse
    office.effect("a")
    office.effect("b")
    office.drain()
    office.behave = lambda item: None
    with tenant_scope(office.tenant.pk) as tenant:
        assert services.retry_item(tenant=tenant, item=office.item("a"), actor=SYSTEM)
        assert services.discard_item(tenant=tenant, item=office.item("b"), actor=SYSTEM)
    office.drain()
    assert office.item("a").status == OutboxItem.Status.DONE
    assert office.item("b").status == OutboxItem.Status.DISCARDED
    with tenant_scope(office.tenant.pk) as tenant:
        assert not services.retry_item(tenant=tenant, item=office.item("a"), actor=SYSTEM)
        actions = AuditEntry.objects.values_list("action", flat=True)
        assert {"outbox.retried", "outbox.discarded"} <= set(actions)


def test_finished_items_are_forgotten_after_a_while_and_dead_ones_are_kept(office: Office) -> None:
    def refuse_b(item: OutboxItem) -> None:
        if item.payload["name"] == "b":
            raise DeliveryError("never", permanent=True)

    office.behave = refuse_b
    office.effect("a")
    office.effect("b")
    office.drain()
    long_ago = timezone.now() - KEEP_FINISHED - timedelta(minutes=1)
    office.change("a", finished_at=long_ago)
    office.change("b", finished_at=long_ago)
    prune()
    with tenant_scope(office.tenant.pk):
        names = [item.payload["name"] for item in OutboxItem.objects.all()]
    assert names == ["b"]


def test_a_poller_needs_no_wake_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = threading.Event()
    office.behave = lambda item: kept.set()
    drain = Drain(senders=1, kinds=[office.kind])
    monkeypatch.setattr(poller, "process_drain", lambda: drain)
    monkeypatch.setattr(poller, "POLL_SECONDS", 0.01)
    office.effect("one")
    running = poller.Poller()
    running.start()
    assert kept.wait(timeout=30)
    running.stop()
    running.join()
    assert office.item("one").status == OutboxItem.Status.DONE


def test_a_wake_up_ends_the_pollers_rest(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = threading.Semaphore(0)
    office.behave = lambda item: kept.release()
    drain = Drain(senders=1, kinds=[office.kind])
    monkeypatch.setattr(dispatcher, "_drain", drain)  # the process's own
    monkeypatch.setattr(poller, "POLL_SECONDS", 3_600)
    office.effect("one")
    running = poller.Poller()
    running.start()
    assert kept.acquire(timeout=30), "it looks as it starts"
    office.effect("two")
    tasks.drain()
    assert kept.acquire(timeout=30)
    running.stop()
    running.join()
    assert office.item("two").status == OutboxItem.Status.DONE
