"""A machine whose clock is wrong: what is due is decided by the database's clock alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from kernel.database import database_now
from outbox import claiming, recording, services
from outbox.errors import ChannelOnHold, DeliveryError
from outbox.models import Lane, OutboxHold, OutboxItem
from outbox.services import Effect
from outbox.tests.office import Named, Office
from outbox.turns import Room
from tenants.audit import SYSTEM
from tenants.scope import platform_scope, tenant_scope

_SOON = timedelta(minutes=1)
_PATIENCE = timedelta(minutes=10)


@pytest.fixture(params=[2, -2], ids=["two hours ahead", "two hours behind"])
def wrong_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    right, hours = timezone.now, timedelta(hours=request.param)
    monkeypatch.setattr(timezone, "now", lambda: right() + hours)
    yield


def claim(office: Office) -> list[OutboxItem]:
    with platform_scope("tests"):
        return claiming.claim_batch(Room(100, per_channel=100), kinds=[office.kind]).items


def is_soon(moment: datetime) -> bool:
    with platform_scope("tests"):
        now = database_now()
    return now - _SOON <= moment <= now + _SOON


def test_what_is_promised_is_due_at_once(office: Office, wrong_clock: None) -> None:
    office.effect("a")
    [item] = claim(office)
    assert item.payload == {"name": "a"}
    assert is_soon(item.created_at)


def test_a_hold_lasts_as_long_as_was_said(office: Office, wrong_clock: None) -> None:
    error = ChannelOnHold("asked to wait", until=timezone.now() + timedelta(seconds=3))
    with tenant_scope(office.tenant.pk):
        recording.hold_channel(office.tenant.pk, "group", error)
        hold = OutboxHold.objects.get(channel="group")
    assert is_soon(hold.held_until)


def test_a_failure_is_tried_again_when_it_should_be(office: Office, wrong_clock: None) -> None:
    office.effect("a")
    [item] = claim(office)
    with platform_scope("tests"):
        claiming.renew(lease_by_item={item.pk: item.lease})  # type: ignore[dict-item]
    assert is_soon(office.item("a").next_attempt_at)
    recording.record([recording.Outcome(item, DeliveryError("no", retry_after_seconds=2))])
    assert is_soon(office.item("a").next_attempt_at)
    with tenant_scope(office.tenant.pk) as tenant:
        services.retry_item(tenant=tenant, item=office.item("a"), actor=SYSTEM)
    assert is_soon(office.item("a").next_attempt_at)


@pytest.mark.parametrize("is_over", [False, True])
def test_what_soon_is_pointless_is_so_when_it_should_be(
    office: Office, wrong_clock: None, is_over: bool
) -> None:
    made = Effect(
        kind=office.kind,
        ordering_key=office.kind,
        idempotency_key=office.kind,
        lane=Lane.AGENT_ACTION,
        payload=Named(name="a"),
        expires_at=timezone.now() + (-_PATIENCE if is_over else _PATIENCE),
    )
    with tenant_scope(office.tenant.pk) as tenant:
        services.enqueue(tenant=tenant, effects=[made])
    [item] = claim(office)
    assert item.has_expired is is_over
