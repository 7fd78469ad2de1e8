"""Claims by several workers at once: order per key, parking, turns, and what they may read."""

import random
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from outbox import claiming, parking, services
from outbox.dispatcher import Drain
from outbox.errors import DeliveryError
from outbox.models import OutboxItem, Parked
from outbox.tests.office import Office
from outbox.turns import Queue, Room
from tenants.audit import SYSTEM
from tenants.scope import platform_scope, tenant_scope
from tests.databases import allow_analyzing
from tests.plans.watching import Seen, Watch

EVERYTHING = Room(100, per_channel=100)
MANY = 50_000
_FILL = """
    INSERT INTO outbox_outboxitem (tenant_id, kind, payload, ordering_key, idempotency_key, channel,
        lane, status, attempts, next_attempt_at, last_error, request_id, created_at)
    SELECT %s, %s, '{}', 'fill:' || %s || n %% %s, 'fill:' || n, 'full', 20, 'PENDING', 0,
        now() + CASE WHEN n <= %s THEN interval '1 hour' ELSE interval '0' END, '', '', now()
    FROM generate_series(1, %s) n
"""


@pytest.fixture
def neighbour(office: Office) -> Iterator[Office]:
    """Another tenant, with items of the same kind."""
    other = Office()
    other.kind = office.kind
    yield other
    with tenant_scope(other.tenant.pk):
        OutboxItem.objects.all().delete()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims that read next to nothing, so that little has to be parked."""
    monkeypatch.setattr(claiming, "_WINDOW", 2)
    monkeypatch.setitem(parking._MARKS, "batch", 7)


def parked(office: Office) -> list[str]:
    with tenant_scope(office.tenant.pk):
        found = OutboxItem.objects.exclude(parked=Parked.NO).order_by("pk")
        return [item.payload["name"] for item in found]


def claim(*offices: Office) -> claiming.Claim:
    with platform_scope("tests"):
        return claiming.claim_batch(EVERYTHING, kinds=[office.kind for office in offices])


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("seed", range(3))
def test_no_two_claims_take_two_items_of_a_key_or_out_of_order(office: Office, seed: int) -> None:
    """Three workers and a producer at once; one attempt in four fails and is due again at once."""
    keys = ["p", "q", "r", "s"]
    chance = random.Random(seed)
    lock = threading.Lock()
    in_hand: set[str] = set()
    faults: list[str] = []

    def attempt(item: OutboxItem) -> None:
        key = item.payload["name"][0]
        with lock:
            if key in in_hand:
                faults.append(f"two of {key} at once")
            in_hand.add(key)
            fails = chance.random() < 0.25
        with lock:
            in_hand.discard(key)
        if fails:
            raise DeliveryError("again", retry_after_seconds=0)

    def produce() -> None:
        for number in range(40):
            key = keys[number % len(keys)]
            office.effect(
                f"{key}{number:02}", order=f"{office.kind}:{key}", channel=f"channel {key}"
            )
        connection.close()

    office.behave = attempt
    threads = [threading.Thread(target=produce)]
    threads += [threading.Thread(target=_drain_until_done, args=[office, 40]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    for key in keys:
        tried = [name for name in office.tried if name[0] == key]
        assert tried == sorted(tried), "an item left before an older one of its key was done"
    assert len(set(office.tried)) == 40
    assert parked(office) == []


def _drain_until_done(office: Office, count: int) -> None:
    drain = Drain(senders=4, kinds=[office.kind])
    done = 0
    deadline = time.monotonic() + 60
    # Without a pause: what matters is that several drain at once.
    while done < count and time.monotonic() < deadline:
        drain.run()
        with tenant_scope(office.tenant.pk):
            done = OutboxItem.objects.filter(status=OutboxItem.Status.DONE).count()
    connection.close()


@pytest.mark.usefixtures("narrow")
def test_what_stands_in_the_way_is_parked_and_goes_on_in_order(office: Office) -> None:
    for number in range(6):
        office.effect(f"a{number}", order=office.kind, channel="g")
    office.effect("b", channel="g")
    office.change("a0", next_attempt_at=timezone.now() + timedelta(hours=1))
    office.drain()
    assert office.tried == ["b"], "nothing of another key waits for it"
    assert parked(office) == ["a0", *(f"a{number}" for number in range(1, 6))]

    office.change("a0", next_attempt_at=timezone.now())
    office.drain()
    assert office.tried == ["b", *(f"a{number}" for number in range(6))]
    assert parked(office) == []


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("way", ["discarded", "dead", "retried"])
def test_whatever_ends_an_item_lets_the_next_one_go(office: Office, way: str) -> None:
    for number in range(5):
        office.effect(f"a{number}", order=office.kind)
    office.change("a0", next_attempt_at=timezone.now() + timedelta(hours=1))
    office.drain()
    assert office.tried == []
    assert len(parked(office)) == 5

    def refuse_first(item: OutboxItem) -> None:
        if item.payload["name"] == "a0":
            raise DeliveryError("never", permanent=True)

    with tenant_scope(office.tenant.pk) as tenant:
        if way == "discarded":
            services.discard_item(tenant=tenant, item=office.item("a0"), actor=SYSTEM)
        else:
            services.retry_item(tenant=tenant, item=office.item("a0"), actor=SYSTEM)
    office.behave = refuse_first if way == "dead" else lambda item: None
    office.drain()
    assert office.tried[-4:] == ["a1", "a2", "a3", "a4"]


@pytest.mark.usefixtures("narrow")
def test_a_mark_that_was_left_over_is_repaired(office: Office) -> None:
    for number in range(5):
        office.effect(f"a{number}", order=office.kind)
    office.change("a0", next_attempt_at=timezone.now() + timedelta(hours=1))
    office.drain()
    with tenant_scope(office.tenant.pk):
        OutboxItem.objects.filter(pk=office.item("a0").pk).delete()
    office.drain()
    assert office.tried == []
    with platform_scope("tests"):
        assert parking.repair() == 1
    office.drain()
    assert office.tried == ["a1", "a2", "a3", "a4"]


def test_nothing_is_parked_behind_an_item_that_is_being_ended(office: Office) -> None:
    """Or nobody would take it back: who ends the item has looked already."""
    for number in range(3):
        office.effect(f"a{number}", order=office.kind)
    [first] = claim(office).items
    behind = Queue(office.tenant.pk, "", first.lane, 0, [])
    with platform_scope("tests"):
        claiming.finish(items=[first.pk], leases=[first.lease or uuid4()])
        thread = threading.Thread(target=_park, args=[behind])
        thread.start()
        thread.join()
    assert parked(office) == []


def _park(queue: Queue) -> None:
    with platform_scope("tests"):
        parking.park(queue)
    connection.close()


def test_a_claim_that_stands_still_stops_no_other_one(office: Office) -> None:
    office.effect("one")
    begun, ended = threading.Event(), threading.Event()

    def stand_still() -> None:
        with platform_scope("tests"):
            claiming.claim_batch(EVERYTHING, kinds=["nothing"])
            begun.set()
            ended.wait(timeout=60)
        connection.close()

    thread = threading.Thread(target=stand_still)
    thread.start()
    assert begun.wait(timeout=60)
    try:
        assert [item.payload["name"] for item in claim(office).items] == ["one"]
    finally:
        ended.set()
        thread.join()


def test_a_backlog_of_one_tenant_does_not_hold_up_another(
    office: Office, neighbour: Office
) -> None:
    for number in range(8):
        office.effect(f"a{number}")
    for number in range(3):
        neighbour.effect(f"b{number}")
    Drain(senders=1, kinds=[office.kind]).run()
    assert {name[0] for name in office.tried[:2]} == {"a", "b"}
    assert sorted(name for name in office.tried[:6] if name[0] == "b") == ["b0", "b1", "b2"]


def test_attempts_that_hang_take_no_more_senders_than_their_channel_has(
    office: Office, neighbour: Office
) -> None:
    hanging, released = threading.Semaphore(0), threading.Event()

    def hang_on_channel(item: OutboxItem) -> None:
        if item.channel == "hangs":
            hanging.release()
            released.wait(timeout=60)
        else:
            released.set()

    office.behave = hang_on_channel
    for number in range(12):
        office.effect(f"a{number:02}", channel="hangs")
    drains = [Drain(senders=6, kinds=[office.kind]) for _ in range(2)]
    threads = [threading.Thread(target=drain.run) for drain in drains]
    for thread in threads:
        thread.start()
    for _ in range(4):
        assert hanging.acquire(timeout=30)
    assert not released.is_set()
    assert len(office.tried) == 4, "over both drains"
    neighbour.effect("b")
    # A second `run` beside the first would take the news of its attempts' ends.
    for drain in drains:
        drain.wake()
    assert released.wait(timeout=30)
    for thread in threads:
        thread.join(timeout=60)
    assert len(office.tried) == 13


def ready(office: Office) -> int:
    """How many items of the tenant claims may still read."""
    with platform_scope("tests"):
        return OutboxItem.objects.filter(
            tenant_id=office.tenant.pk, status=OutboxItem.Status.PENDING, parked=0
        ).count()


@pytest.mark.parametrize("case", ["channel on hold", "behind one", "behind many", "not due"])
def test_a_claim_reads_the_same_whatever_waits(
    office: Office, neighbour: Office, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty thousand items that cannot leave, of one tenant; another one's leaves."""
    monkeypatch.setitem(parking._MARKS, "batch", MANY)
    keys, postponed = {
        "channel on hold": (MANY, 0),
        "behind one": (1, 1),
        "behind many": (MANY // 10, MANY // 10),
        "not due": (MANY, MANY),
    }[case]
    with platform_scope("tests"), connection.cursor() as cursor:
        values: list[Any] = [office.tenant.pk, office.kind, f"{uuid4()}:", keys, postponed, MANY]
        cursor.execute(_FILL, values)
    if case == "channel on hold":
        with tenant_scope(office.tenant.pk) as tenant:
            until = timezone.now() + timedelta(hours=1)
            services.hold_channel(tenant=tenant, channel="full", until=until, reason="")
    allow_analyzing("outbox_outboxitem")
    with platform_scope("tests"), connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_outboxitem")
    # A worker beside this test parks some of them itself, and holds their locks meanwhile.
    for _ in range(1_000):
        if not claim(office).has_more and (case == "channel on hold" or ready(office) < 100):
            break
    for name in ("b", "c"):
        neighbour.effect(name)
    seen = _watched(office, expected=2)
    rows = sum(each.rows_read for each in seen)
    assert rows < 500, "\n".join(str(each) for each in seen)
    assert not any(each.tables_read_whole for each in seen)


def _watched(office: Office, *, expected: int) -> list[Seen]:
    """What it takes to claim items, hold them, and note what came of them."""
    with Watch().on() as watch:
        items = claim(office).items
        assert len(items) == expected
        leases = {item.pk: item.lease for item in items if item.lease}
        with platform_scope("tests"):
            claiming.renew(lease_by_item=leases)
            claiming.release(
                item=items[0],
                status=OutboxItem.Status.DEAD,
                next_attempt_at=timezone.now(),
                attempts=1,
                error="",
            )
            claiming.finish(items=list(leases), leases=list(leases.values()))
    return watch.seen


def test_after_a_hold_a_channel_is_tried_one_item_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "_AFTER_HOLD", timedelta(hours=1))
    for number in range(3):
        office.effect(f"item {number}", channel="short")

    def held_until(hours_ago: float) -> None:
        until = timezone.now() - timedelta(hours=hours_ago)
        with tenant_scope(office.tenant.pk) as tenant:
            services.release_channel(tenant=tenant, channel="short")
            services.hold_channel(tenant=tenant, channel="short", until=until, reason="")

    held_until(0.1)
    first = claim(office).items
    assert [item.payload["name"] for item in first] == ["item 0"]
    assert claim(office).items == [], "the oldest may find room for itself alone"
    held_until(2)
    rest = claim(office).items
    assert [item.payload["name"] for item in rest] == ["item 1", "item 2"]
