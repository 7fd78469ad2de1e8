"""Enqueuing effects, and what a person can do about those that failed."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Now

from kernel.context import current_request_id
from outbox import parking, queueing, recording, wake_up
from outbox.errors import ChannelOnHold
from outbox.models import OutboxHold, OutboxItem, Parked
from outbox.queueing import Effect as Effect
from tenants import audit
from tenants.audit import Actor
from tenants.models import Tenant


def enqueue(*, tenant: Tenant, effects: list[Effect]) -> None:
    """Enqueue external effects in the running transaction; the drain is woken when it commits.

    An effect whose idempotency key exists already is left as it is.
    """
    queueing.insert(tenant.pk, effects, request_id=current_request_id())
    transaction.on_commit(wake_up.wake_drain)


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


def finish_with(*, tenant: Tenant, item: OutboxItem, others: Sequence[OutboxItem]) -> None:
    """What came behind an item was delivered with it: for what its handler returns.

    One that was given up meanwhile stays so.
    """
    joined = OutboxItem.objects.select_for_update().filter(
        tenant=tenant,
        pk__in=[other.pk for other in others],
        status=OutboxItem.Status.PENDING,
        lease__isnull=True,
    )
    for other in joined:
        recording.count(other, "joined")
        recording.observe_age(other)
    joined.update(status=OutboxItem.Status.DONE, finished_at=Now())
    parking.let_next_go([(tenant.pk, item.ordering_key)])


def retry_item(*, tenant: Tenant, item: OutboxItem, actor: Actor) -> bool:
    """Give a dead or waiting item a new first attempt now; False when it is done already."""
    changed = OutboxItem.objects.filter(
        tenant=tenant,
        pk=item.pk,
        status__in=[OutboxItem.Status.DEAD, OutboxItem.Status.PENDING],
        lease__isnull=True,
    ).update(
        status=OutboxItem.Status.PENDING,
        parked=Parked.NO,
        attempts=0,
        next_attempt_at=Now(),
        finished_at=None,
        expires_at=None,
    )
    if changed:
        _audit(tenant, item, "outbox.retried", actor)
        transaction.on_commit(wake_up.wake_drain)
    return bool(changed)


def discard_item(*, tenant: Tenant, item: OutboxItem, actor: Actor) -> bool:
    """Give an item up for good; False when it is done or being attempted right now."""
    changed = OutboxItem.objects.filter(
        tenant=tenant,
        pk=item.pk,
        status__in=[OutboxItem.Status.DEAD, OutboxItem.Status.PENDING],
        lease__isnull=True,
    ).update(status=OutboxItem.Status.DISCARDED, finished_at=Now())
    if changed:
        parking.let_next_go([(tenant.pk, item.ordering_key)])
        _audit(tenant, item, "outbox.discarded", actor)
    return bool(changed)


def forget(*, tenant: Tenant, ordering_keys: list[str], kept_of_running: Container[str]) -> None:
    """Remove every item under these keys, delivered ones too, with what their payloads say.

    An attempt that is running cannot be recalled: of its payload the named fields stay, so that it
    can be ended, and everything else goes.
    """
    items = OutboxItem.objects.filter(tenant=tenant, ordering_key__in=ordering_keys)
    items.filter(lease__isnull=True).delete()
    for running in items.select_for_update():
        running.payload = {
            name: value for name, value in running.payload.items() if name in kept_of_running
        }
        running.save(update_fields=["payload"])


def discard_waiting(
    *, tenant: Tenant, kind: str, about: Mapping[str, Sequence[str] | Sequence[int]]
) -> int:
    """Give up what waits of a kind, where the payload's fields have one of the given values.

    Returns how many there were.
    """
    waiting = OutboxItem.objects.filter(
        tenant=tenant, kind=kind, status=OutboxItem.Status.PENDING, lease__isnull=True
    )
    for name, values in about.items():
        waiting = waiting.filter(**{f"payload__{name}__in": values})
    ended = list(waiting.values_list("tenant_id", "ordering_key"))
    count = waiting.update(status=OutboxItem.Status.DISCARDED, finished_at=Now())
    parking.let_next_go(ended)
    return count


def release_channel(*, tenant: Tenant, channel: str) -> None:
    """End the hold of this channel at once."""
    OutboxHold.objects.filter(tenant=tenant, channel=channel).delete()
    transaction.on_commit(wake_up.wake_drain)


def release_troubled_channel(*, tenant: Tenant, channel: str) -> None:
    """End the hold of this channel if a person had to act; the pause of a rate limit stays."""
    held = OutboxHold.objects.filter(tenant=tenant, channel=channel).exclude(reason="")
    if held.delete()[0]:
        transaction.on_commit(wake_up.wake_drain)


def hold_channel(*, tenant: Tenant, channel: str, until: datetime, reason: str) -> None:
    """Put a channel on hold, until a person has acted or the next try is due."""
    recording.hold_channel(tenant.pk, channel, ChannelOnHold(reason, until=until, reason=reason))


def move_to_channel(*, tenant: Tenant, old: str, new: str) -> int:
    """Move what waits in one channel to another; returns how many items that were."""
    moved = OutboxItem.objects.filter(
        tenant=tenant, channel=old, status=OutboxItem.Status.PENDING
    ).update(channel=new)
    transaction.on_commit(wake_up.wake_drain)
    return moved


def spread(*, tenant: Tenant, old: str, new: Sequence[str]) -> None:
    """Move what waits in one channel to others; what has an order stays together.

    Order holds over channels, so nothing overtakes. An item that is being recorded right now stays:
    it is done, or its next attempt asks for this again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_outboxitem item SET channel = (%(new)s::text[])["
            "1 + ('x' || left(md5(item.ordering_key), 7))::bit(28)::int %% %(count)s] "
            "FROM (SELECT id FROM outbox_outboxitem WHERE tenant_id = %(tenant)s "
            "AND channel = %(old)s AND status = 'PENDING' "
            "ORDER BY id FOR UPDATE SKIP LOCKED) waiting WHERE item.id = waiting.id",
            {"new": list(new), "count": len(new), "tenant": tenant.pk, "old": old},
        )
    transaction.on_commit(wake_up.wake_drain)


def move_ordered(*, tenant: Tenant, ordering_keys: Sequence[str], old: str, new: str) -> None:
    """Move what waits under these keys to another channel; what is being recorded stays."""
    waiting = OutboxItem.objects.filter(
        tenant=tenant,
        ordering_key__in=ordering_keys,
        channel=old,
        status=OutboxItem.Status.PENDING,
    )
    locked = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
    OutboxItem.objects.filter(tenant=tenant, pk__in=locked).update(channel=new)


def exchange_holds(*, tenant: Tenant, one: str, other: str) -> None:
    """What keeps one channel back keeps back the other one, and the other way round."""
    holds = OutboxHold.objects.filter(tenant=tenant)
    aside = f"{one}:exchange"
    for old, new in ((one, aside), (other, one), (aside, other)):
        holds.filter(channel=old).update(channel=new)
    transaction.on_commit(wake_up.wake_drain)


def _audit(tenant: Tenant, item: OutboxItem, action: str, actor: Actor) -> None:
    audit.record(
        tenant=tenant,
        actor=actor,
        action=action,
        object_type="outbox_item",
        object_id=str(item.pk),
        changes={"kind": item.kind},
    )
