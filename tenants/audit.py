"""The audit trail: one entry per change, written in the change's own transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kernel.context import current_request_id
from tenants.models import AuditEntry, Tenant


class ActorKind(StrEnum):
    """What sort of being acted."""

    CUSTOMER = "customer"
    AGENT = "agent"
    MEMBER = "member"
    API_KEY = "api_key"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted; `id` is their id in that kind's own terms (an agent's channel user id, say)."""

    kind: ActorKind
    id: str = ""


SYSTEM = Actor(ActorKind.SYSTEM)
CUSTOMER = Actor(ActorKind.CUSTOMER)


def record(
    *,
    tenant: Tenant,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: UUID | str,
    changes: dict[str, object] | None = None,
) -> None:
    """Note who did what to which object; `changes` holds new values, or [old, new] pairs."""
    AuditEntry.objects.create(
        tenant=tenant,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        changes=changes or {},
        request_id=current_request_id(),
    )


def record_run(
    *,
    tenant: Tenant,
    actor: Actor,
    action: str,
    changes: dict[str, object],
    entry: AuditEntry | None,
) -> AuditEntry:
    """One entry about work on a whole tenant that takes several transactions.

    Each of them brings it up to date with what has been done so far: the first one gives no
    `entry`, the next ones the one that they got.
    """
    if entry is not None:
        AuditEntry.objects.filter(tenant=tenant, pk=entry.pk).update(changes=changes)
        return entry
    return AuditEntry.objects.create(
        tenant=tenant,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=action,
        object_type="tenant",
        object_id=str(tenant.pk),
        changes=changes,
        request_id=current_request_id(),
    )


def forget_changes(*, tenant: Tenant, object_type: str, object_ids: Collection[UUID | str]) -> int:
    """Empty what the trail says about objects' values; returns of how many entries.

    For personal data that is erased or has had its time: who did what, and when, stays.
    """
    entries = AuditEntry.objects.filter(
        tenant=tenant, object_type=object_type, object_id__in=[str(one) for one in object_ids]
    )
    return entries.exclude(changes={}).update(changes={})
