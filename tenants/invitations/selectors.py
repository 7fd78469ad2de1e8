"""Reading invitations."""

import hmac
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tenants import roles
from tenants.audit import ActorKind
from tenants.errors import InvitationNotFound
from tenants.invitations import link_format
from tenants.invitations.models import Invitation
from tenants.models import Member, Tenant

# Compared with when there is no such invitation, so that this takes as long as a wrong token.
_NOBODYS_HASH = link_format.hash_of("nobody is invited by this")


def list_open_invitations(*, tenant: Tenant) -> QuerySet[Invitation]:
    """Those whose links still let a person in."""
    return Invitation.objects.filter(
        tenant=tenant,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=timezone.now(),
    )


def count_seats(*, tenant: Tenant) -> int:
    """How many members there are, with those who are invited."""
    members = Member.objects.filter(tenant=tenant).count()
    return members + list_open_invitations(tenant=tenant).count()


def get_invitation(*, tenant: Tenant, invitation_id: UUID) -> Invitation:
    """One of the tenant's, whatever has become of it; raises InvitationNotFound."""
    found = Invitation.objects.filter(tenant=tenant, pk=invitation_id).first()
    if found is None:
        raise InvitationNotFound(invitation_id=invitation_id)
    return found


def find_by_token(*, tenant: Tenant, token: str, lock: bool = False) -> Invitation:
    """The invitation that a link lets in.

    Raises InvitationNotFound, whether it is unknown, mistyped, another tenant's, accepted, revoked
    or expired already, or its maker may not give this role any more.
    """
    given_hash = link_format.hash_of(token)
    invitation_id = link_format.id_of(token)
    row = None
    if invitation_id is not None:
        rows = Invitation.objects.filter(tenant=tenant, pk=invitation_id)
        row = (rows.select_for_update() if lock else rows).first()
    is_right = hmac.compare_digest(given_hash, _NOBODYS_HASH if row is None else row.token_hash)
    if row is None or not is_right or not row.is_valid_at(timezone.now()):
        raise InvitationNotFound()
    if row.role not in grantable_by(
        tenant=tenant, actor_kind=row.invited_by_kind, actor_id=row.invited_by_id
    ):
        raise InvitationNotFound()
    return row


def grantable_by(*, tenant: Tenant, actor_kind: str, actor_id: str) -> frozenset[Member.Role]:
    """The roles that a member may give at this moment.

    A member those that they manage; an API key that may write members, and platform staff, any.
    """
    if actor_kind != ActorKind.MEMBER:
        return frozenset(Member.Role)
    member = Member.objects.filter(tenant=tenant, user_id=actor_id, user__is_active=True).first()
    return roles.managed_by(None if member is None else member.role)
