"""Reading a tenant's people and its audit trail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tenants.errors import MemberNotFound
from tenants.models import AuditEntry, Member, Tenant


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; None for any."""

    actor_kind: str | None = None
    action: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    # From this moment on, and up to but without this one.
    after: datetime | None = None
    before: datetime | None = None


def list_members(*, tenant: Tenant) -> QuerySet[Member]:
    """All of the tenant's people, with their accounts, but without the passwords' hashes."""
    people = Member.objects.filter(tenant=tenant).select_related("user")
    return people.defer("user__password")


def get_member(*, tenant: Tenant, member_id: UUID) -> Member:
    """One of the tenant's people; raises MemberNotFound."""
    found = list_members(tenant=tenant).filter(pk=member_id).first()
    if found is None:
        raise MemberNotFound(member_id=member_id)
    return found


def list_audit(*, tenant: Tenant, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The tenant's entries that fit; to be ordered by `at`, newest first.

    Each filter has an index; that of `object_id` needs `object_type` too.
    """
    entries = AuditEntry.objects.filter(tenant=tenant)
    exact = {
        "actor_kind": wanted.actor_kind,
        "action": wanted.action,
        "object_type": wanted.object_type,
        "object_id": wanted.object_id,
    }
    entries = entries.filter(**{name: value for name, value in exact.items() if value is not None})
    if wanted.after is not None:
        entries = entries.filter(at__gte=wanted.after)
    if wanted.before is not None:
        entries = entries.filter(at__lt=wanted.before)
    return entries
