"""Promises become items with every field in its place."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from outbox import services
from outbox.models import Lane, OutboxItem
from outbox.queueing import Payload
from outbox.services import Effect
from tenants.models import Tenant
from tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db


class Letter(Payload, frozen=True, kw_only=True):
    """A payload with what is hard to quote and to nest."""

    text: str
    keyboard: list[list[tuple[str, str]]]
    bold_units: int = 0
    """Left out where it says nothing."""


def effect(key: str, **fields: object) -> Effect:
    values: dict[str, object] = {
        "kind": "test.nothing",
        "ordering_key": f"test:{key}",
        "idempotency_key": key,
        "lane": Lane.CUSTOMER_MESSAGE,
        "payload": Letter(text="Labdien! %s 'x'", keyboard=[[("Claim", "claim:1")]]),
    }
    return Effect(**(values | fields))  # type: ignore[arg-type]  # the names are Effect's own


def test_every_field_is_stored() -> None:
    later = datetime(2040, 1, 1, tzinfo=UTC)
    key = uuid4().hex
    with tenant_scope(Tenant.objects.get(slug="default").pk) as tenant:
        made = effect(key, channel="test:channel", not_before=later, expires_at=later)
        services.enqueue(tenant=tenant, effects=[made])
        item = OutboxItem.objects.get(idempotency_key=key)
    assert (item.kind, item.ordering_key, item.channel) == (
        made.kind,
        made.ordering_key,
        made.channel,
    )
    assert item.lane == made.lane
    assert item.payload == {"text": "Labdien! %s 'x'", "keyboard": [[["Claim", "claim:1"]]]}
    assert msgspec.convert(item.payload, Letter) == made.payload
    assert item.expires_at is not None
    # Said by our clock and kept by the database's: not before, and hardly after.
    for kept in (item.next_attempt_at, item.expires_at):
        assert later <= kept <= later + timedelta(minutes=1)
    assert (item.status, item.attempts, item.last_error) == (OutboxItem.Status.PENDING, 0, "")
    assert (item.lease, item.leased_until, item.finished_at) == (None, None, None)


def test_ids_follow_the_order_given() -> None:
    keys = [uuid4().hex for _ in range(5)]
    with tenant_scope(Tenant.objects.get(slug="default").pk) as tenant:
        services.enqueue(tenant=tenant, effects=[effect(key) for key in keys])
        stored = OutboxItem.objects.filter(idempotency_key__in=keys).order_by("pk")
        assert [item.idempotency_key for item in stored] == keys


def test_the_same_promise_again_changes_nothing() -> None:
    key = uuid4().hex
    with tenant_scope(Tenant.objects.get(slug="default").pk) as tenant:
        services.enqueue(tenant=tenant, effects=[effect(key)])
        services.enqueue(tenant=tenant, effects=[effect(key, kind="test.other"), effect(key)])
        services.enqueue(tenant=tenant, effects=[])
        assert OutboxItem.objects.get(idempotency_key=key).kind == "test.nothing"
