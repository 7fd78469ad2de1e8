"""Reading the outbox."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from outbox.models import OutboxGate, OutboxItem
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
