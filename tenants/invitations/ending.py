"""The end of invitations, for those who have to act on it."""

from django.db.models import QuerySet
from django.utils import timezone

from tenants import audit
from tenants.audit import Actor
from tenants.invitations.models import Invitation
from tenants.models import Tenant


def lock_open(tenant: Tenant, email: str) -> QuerySet[Invitation]:
    """Those of an address that were neither accepted nor revoked, locked."""
    return Invitation.objects.select_for_update().filter(
        tenant=tenant, email=email, accepted_at__isnull=True, revoked_at__isnull=True
    )


def revoke(tenant: Tenant, invitation: Invitation, actor: Actor) -> None:
    """End a locked invitation that is still open."""
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record(tenant, invitation, actor, "revoked", {"role": invitation.role})


def record(
    tenant: Tenant, invitation: Invitation, actor: Actor, what: str, changes: dict[str, object]
) -> None:
    """Write down what happened to it, without the address: the trail is for many eyes."""
    audit.record(
        tenant=tenant,
        actor=actor,
        action=f"invitation.{what}",
        object_type="invitation",
        object_id=invitation.pk,
        changes=changes,
    )
