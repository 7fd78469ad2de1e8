"""The audit trail: one entry per change, written in the change's own transaction."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chatorical.kernel.context import current_request_id
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


def forget_changes(*, tenant: Tenant, object_type: str, object_id: UUID | str) -> int:
    """Empty what the trail says about an object's values; returns of how many entries.

    For the erasure of a person's data only: who did what, and when, stays.
    """
    entries = AuditEntry.objects.filter(
        tenant=tenant, object_type=object_type, object_id=str(object_id)
    )
    return entries.exclude(changes={}).update(changes={})
