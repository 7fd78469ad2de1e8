"""What came of attempts is written down, in fewer words if need be, and nothing is sent twice."""

from typing import Any

import pytest
from django.db import InternalError, ProgrammingError
from prometheus_client.registry import Collector

from outbox import claiming, metrics, services
from outbox.dispatcher import Drain
from outbox.errors import DeliveryError
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem
from outbox.recording import REASON_LOST, RESULT_LOST
from outbox.tests.office import Office
from outbox.turns import Room


def test_what_came_of_it_is_recorded_with_the_item(office: Office) -> None:
    noted: list[str] = []
    office.behave = lambda item: lambda: noted.append(item.payload["name"])
    office.effect("a")
    office.drain()
    assert noted == ["a"]


def test_what_is_delivered_with_another_item_is_counted_like_it(office: Office) -> None:
    def take_along(item: OutboxItem) -> AfterDelivery:
        others = [office.item("b")]
        return lambda: services.finish_with(tenant=office.tenant, item=item, others=others)

    office.behave = take_along
    for name in ("a", "b"):
        office.effect(name, order="one after another")
    office.drain()
    assert (office.tried, office.item("b").status) == (["a"], OutboxItem.Status.DONE)
    assert counted(metrics.AGE, "_count", kind=office.kind) == 2
    assert counted(metrics.OUTCOMES, "_total", kind=office.kind, outcome="joined") == 1


def counted(figure: Collector, suffix: str, **labels: str) -> float:
    [found] = (
        sample.value
        for family in figure.collect()
        for sample in family.samples
        if sample.name.endswith(suffix) and sample.labels == labels
    )
    return found


def test_a_result_that_cannot_be_recorded_takes_no_other_with_it(office: Office) -> None:
    def record(item: OutboxItem) -> AfterDelivery:
        def note() -> None:
            if item.payload["name"] == "a":
                raise ValueError

        return note

    office.behave = record
    office.effect("a")
    office.effect("b")
    office.drain()
    assert office.item("a").status == OutboxItem.Status.DONE, "it was sent, so never again"
    assert office.item("a").last_error == RESULT_LOST
    assert (office.item("b").status, office.item("b").last_error) == (OutboxItem.Status.DONE, "")


def test_a_failure_that_cannot_be_recorded_is_not_repeated_at_every_lease(office: Office) -> None:
    def fail(item: OutboxItem) -> None:
        raise DeliveryError("wait", retry_after_seconds=1e30)

    office.behave = fail
    office.effect("a")
    office.drain()
    item = office.item("a")
    assert (item.status, item.lease, item.attempts) == (OutboxItem.Status.PENDING, None, 1)
    assert item.last_error == REASON_LOST


def test_an_error_that_postgres_cannot_store_is_stored_without_the_rest(office: Office) -> None:
    def fail(item: OutboxItem) -> None:
        raise DeliveryError("bad\x00byte", permanent=True)

    office.behave = fail
    office.effect("a")
    office.drain()
    assert office.item("a").last_error == "badbyte"


def test_what_runs_is_recorded_although_nothing_can_be_claimed_any_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_batch = claiming.claim_batch
    batches = iter([claim_batch])

    def claim_once(room: Room, **wanted: Any) -> Any:
        claim = next(batches, None)
        if claim is None:
            raise InternalError("cannot execute UPDATE in a read-only transaction")
        return claim(room, **wanted)

    monkeypatch.setattr(claiming, "claim_batch", claim_once)
    office.effect("a")
    office.effect("b")
    Drain(senders=4, kinds=[office.kind]).run()
    assert office.item("a").status == office.item("b").status == OutboxItem.Status.DONE


def test_an_outcome_that_the_database_refuses_is_offered_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = claiming.finish
    refusals = iter([ProgrammingError("no such column")] * 2)

    def finish_later(**what: Any) -> set[int]:
        error = next(refusals, None)
        if error is not None:
            raise error
        return finish(**what)

    monkeypatch.setattr(claiming, "finish", finish_later)
    office.effect("a")
    office.drain()
    assert office.tried == ["a"]
    assert (office.item("a").status, office.item("a").last_error) == (OutboxItem.Status.DONE, "")
