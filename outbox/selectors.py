"""Reading the outbox."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from outbox import kinds
from outbox.errors import OutboxItemNotFound
from outbox.models import Lane, OutboxHold, OutboxItem, Parked
from tenants.models import Tenant


def find_active_hold(*, tenant: Tenant, channel: str) -> OutboxHold | None:
    """The hold of this channel while it lasts."""
    return OutboxHold.objects.filter(
        tenant=tenant, channel=channel, held_until__gt=timezone.now()
    ).first()


def list_shut(*, tenant: Tenant, channels: Sequence[str], until: datetime) -> set[str]:
    """Those of these channels that wait for a person, or are on hold beyond this moment."""
    holds = OutboxHold.objects.filter(
        tenant=tenant, channel__in=channels, held_until__gt=timezone.now()
    ).exclude(reason="", held_until__lte=until)
    return set(holds.values_list("channel", flat=True))


def count_waiting(*, tenant: Tenant, channel: str, at_most: int) -> int:
    """How many items wait in a channel; more than `at_most` are not counted."""
    waiting = OutboxItem.objects.filter(
        tenant=tenant, channel=channel, status=OutboxItem.Status.PENDING, parked=Parked.NO
    )
    # In the order of the index, so that no other one is read.
    return len(waiting.order_by("lane", "pk").values_list("pk", flat=True)[:at_most])


def list_troubled_holds() -> QuerySet[OutboxHold]:
    """Holds that a person has to end by mending something, in the scope's tenants.

    A hold lasts for a while only, then the channel is tried again by itself; while what has failed
    in it still waits, the trouble is not over.
    """
    failed = OutboxItem.objects.filter(
        tenant_id=OuterRef("tenant_id"),
        channel=OuterRef("channel"),
        status=OutboxItem.Status.PENDING,
    ).exclude(last_error="")
    return OutboxHold.objects.exclude(reason="").filter(
        Q(held_until__gt=timezone.now()) | Exists(failed)
    )


def list_items(
    *,
    tenant: Tenant,
    status: str | None = None,
    kind: str | None = None,
    lane: Lane | None = None,
) -> QuerySet[OutboxItem]:
    """The items that the tenant may see, narrowed down where asked."""
    wanted = {"status": status, "kind": kind, "lane": lane}
    given = {name: value for name, value in wanted.items() if value is not None}
    return _seen_by(tenant).filter(**given)


def list_behind(*, tenant: Tenant, item: OutboxItem, limit: int = 50) -> list[OutboxItem]:
    """What comes after an item under its ordering key, in order: nobody attempts it yet."""
    behind = OutboxItem.objects.filter(
        tenant=tenant,
        ordering_key=item.ordering_key,
        pk__gt=item.pk,
        status=OutboxItem.Status.PENDING,
        lease__isnull=True,
    )
    return list(behind.order_by("pk")[:limit])


def is_pending(*, tenant: Tenant, kind: str, ordering_key: str) -> bool:
    """Whether such an item waits or is being attempted."""
    return OutboxItem.objects.filter(
        tenant=tenant,
        ordering_key=ordering_key,
        kind=kind,
        status=OutboxItem.Status.PENDING,
    ).exists()


def is_open(*, tenant: Tenant, idempotency_key: str) -> bool:
    """Whether the item of this key waits or is being attempted."""
    return OutboxItem.objects.filter(
        tenant=tenant, idempotency_key=idempotency_key, status=OutboxItem.Status.PENDING
    ).exists()


def list_of_key(*, tenant: Tenant, kind: str, ordering_key: str) -> list[OutboxItem]:
    """The items of a kind under an ordering key, in order, as long as they are kept."""
    items = OutboxItem.objects.filter(tenant=tenant, ordering_key=ordering_key, kind=kind)
    return list(items.order_by("pk"))


def has_dead(*, tenant_id: UUID, ordering_key: str) -> bool:
    """Whether one of these was given up after its attempts, and by no person since."""
    return OutboxItem.objects.filter(
        tenant_id=tenant_id, ordering_key=ordering_key, status=OutboxItem.Status.DEAD
    ).exists()


def get_item(*, tenant: Tenant, item_id: int) -> OutboxItem:
    """One effect that the tenant may see; raises OutboxItemNotFound."""
    item = _seen_by(tenant).filter(pk=item_id).first()
    if item is None:
        raise OutboxItemNotFound(item_id=item_id)
    return item


def _seen_by(tenant: Tenant) -> QuerySet[OutboxItem]:
    return OutboxItem.objects.filter(tenant=tenant).exclude(kind__in=kinds.platform_kinds())
