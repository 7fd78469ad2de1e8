"""Reading the outbox."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from outbox.errors import OutboxItemNotFound
from outbox.models import Lane, OutboxGate, OutboxItem
from tenants.models import Tenant


def find_closed_gate(*, tenant: Tenant, name: str) -> OutboxGate | None:
    """The gate of this name while it holds its items back."""
    return OutboxGate.objects.filter(
        tenant=tenant, name=name, closed_until__gt=timezone.now()
    ).first()


def list_troubled_gates() -> QuerySet[OutboxGate]:
    """Gates that a person has to open by mending something, in the scope's tenants.

    A gate closes for a while only and is tried again by itself; while what has failed at it still
    waits, the trouble is not over.
    """
    failed = OutboxItem.objects.filter(
        tenant_id=OuterRef("tenant_id"),
        gate=OuterRef("name"),
        status=OutboxItem.Status.PENDING,
    ).exclude(last_error="")
    return OutboxGate.objects.exclude(reason="").filter(
        Q(closed_until__gt=timezone.now()) | Exists(failed)
    )


def list_items(
    *,
    tenant: Tenant,
    status: str | None = None,
    kind: str | None = None,
    lane: Lane | None = None,
) -> QuerySet[OutboxItem]:
    """The tenant's items, narrowed down where asked."""
    wanted = {"status": status, "kind": kind, "lane": lane}
    given = {name: value for name, value in wanted.items() if value is not None}
    return OutboxItem.objects.filter(tenant=tenant, **given)


def is_pending(*, tenant: Tenant, kind: str, ordering_key: str) -> bool:
    """Whether such an item waits or is being attempted."""
    return OutboxItem.objects.filter(
        tenant=tenant,
        ordering_key=ordering_key,
        kind=kind,
        status=OutboxItem.Status.PENDING,
    ).exists()


def get_item(*, tenant: Tenant, item_id: int) -> OutboxItem:
    """One effect; raises OutboxItemNotFound."""
    item = OutboxItem.objects.filter(tenant=tenant, pk=item_id).first()
    if item is None:
        raise OutboxItemNotFound(item_id=item_id)
    return item
