"""Making promises, and a person's ways to deal with broken ones."""

from django.db import transaction
from django.utils import timezone

from chatorical.kernel.context import current_request_id
from outbox import nudge, queueing
from outbox.models import OutboxGate, OutboxItem
from outbox.queueing import Promise as Promise
from tenants import audit
from tenants.audit import Actor
from tenants.models import Tenant


def enqueue(*, tenant: Tenant, promises: list[Promise]) -> None:
    """Promise external effects in the running transaction; the drain is woken when it commits.

    A promise whose idempotency key exists already is left as it is.
    """
    queueing.insert(tenant.pk, promises, request_id=current_request_id())
    transaction.on_commit(nudge.wake_drain)


def has_waiting(*, tenant: Tenant, kind: str, ordering_key: str) -> bool:
    """Whether such an item is waiting that will still see what the running transaction writes.

    It is locked, so that no attempt of it begins before this transaction ends.
    """
    waiting = OutboxItem.objects.select_for_update(skip_locked=True).filter(
        tenant=tenant,
        ordering_key=ordering_key,
        kind=kind,
        status=OutboxItem.Status.PENDING,
        lease__isnull=True,
    )
    return waiting.first() is not None


def retry_item(*, tenant: Tenant, item: OutboxItem, actor: Actor) -> bool:
    """Give a dead or waiting item a new first attempt now; False when it is done already."""
    changed = OutboxItem.objects.filter(
        tenant=tenant,
        pk=item.pk,
        status__in=[OutboxItem.Status.DEAD, OutboxItem.Status.PENDING],
        lease__isnull=True,
    ).update(
        status=OutboxItem.Status.PENDING,
        attempts=0,
        next_attempt_at=timezone.now(),
        finished_at=None,
        expires_at=None,
    )
    if changed:
        _audit(tenant, item, "outbox.retried", actor)
        transaction.on_commit(nudge.wake_drain)
    return bool(changed)


def discard_item(*, tenant: Tenant, item: OutboxItem, actor: Actor) -> bool:
    """Give a promise up for good; False when it is done or being attempted right now."""
    changed = OutboxItem.objects.filter(
        tenant=tenant,
        pk=item.pk,
        status__in=[OutboxItem.Status.DEAD, OutboxItem.Status.PENDING],
        lease__isnull=True,
    ).update(status=OutboxItem.Status.DISCARDED, finished_at=timezone.now())
    if changed:
        _audit(tenant, item, "outbox.discarded", actor)
    return bool(changed)


def open_gate(*, tenant: Tenant, name: str) -> None:
    """Let the items of this budget go again at once."""
    OutboxGate.objects.filter(tenant=tenant, name=name).delete()
    transaction.on_commit(nudge.wake_drain)


def move_to_gate(*, tenant: Tenant, old: str, new: str) -> int:
    """Let what waits at one gate wait at another; returns how many items that were."""
    moved = OutboxItem.objects.filter(
        tenant=tenant, gate=old, status=OutboxItem.Status.PENDING
    ).update(gate=new)
    transaction.on_commit(nudge.wake_drain)
    return moved


def _audit(tenant: Tenant, item: OutboxItem, action: str, actor: Actor) -> None:
    audit.record(
        tenant=tenant,
        actor=actor,
        action=action,
        object_type="outbox_item",
        object_id=str(item.pk),
        changes={"kind": item.kind},
    )
