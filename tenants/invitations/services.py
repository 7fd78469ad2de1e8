"""Inviting people, taking that back, and joining by an invitation.

Each of these holds the tenant's people still first, and locks the invitation second.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import IntegrityError, transaction
from django.utils import timezone

from kernel.errors import InvalidParameter
from kernel.ids import new_id
from tenants import configuration, quotas, services
from tenants.audit import Actor, ActorKind
from tenants.errors import (
    AccountExists,
    InvitationAccepted,
    InvitationNotFound,
    MemberExists,
    RoleNotGrantable,
)
from tenants.invitations import ending, link_format, selectors
from tenants.invitations.models import Invitation
from tenants.models import Member, Tenant, User
from tenants.names import checked_name
from tenants.plan_limits import Limit

LIFETIME = timedelta(days=7)
MAX_EMAIL = 254
_is_email = EmailValidator()


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation with its token, which nobody can ever read again."""

    invitation: Invitation
    token: str = field(repr=False)


@transaction.atomic
def invite_member(*, tenant: Tenant, email: str, role: Member.Role, actor: Actor) -> NewInvitation:
    """Invite the person with this address for seven days.

    An invitation of the same address that is still open ends: its link is lost, or its role was
    wrong. Nothing is sent to anybody. Raises InvalidParameter, MemberExists, RoleNotGrantable
    when the actor may not give this role, and OverLimit when the plan has no room for the members
    and the invited together: the person invited could do nothing about it.
    """
    address = _address(email)
    configuration.hold(tenant)
    grantable = selectors.grantable_by(tenant=tenant, actor_kind=actor.kind, actor_id=actor.id)
    if role not in grantable:
        raise RoleNotGrantable(details={"role": role})
    if Member.objects.filter(tenant=tenant, user__email=address).exists():
        raise MemberExists()
    for former in ending.lock_open(tenant, address):
        # An admin does not undo what an owner has offered.
        if former.is_valid_at(timezone.now()) and former.role not in grantable:
            raise RoleNotGrantable(details={"role": former.role})
        ending.revoke(tenant, former, actor)
    quotas.require_room(
        tenant,
        Limit.MEMBERS,
        count=lambda: selectors.count_seats(tenant=tenant),
        counted="Open invitations count, too.",
    )
    now = timezone.now()
    invitation_id = new_id()
    token = link_format.new_token(invitation_id)
    invitation = Invitation.objects.create(
        id=invitation_id,
        tenant=tenant,
        email=address,
        role=role,
        token_hash=link_format.hash_of(token),
        invited_by_kind=actor.kind,
        invited_by_id=actor.id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    ending.record(
        tenant,
        invitation,
        actor,
        "created",
        {"role": role, "expires_at": invitation.expires_at.isoformat()},
    )
    return NewInvitation(invitation, token)


@transaction.atomic
def revoke_invitation(*, tenant: Tenant, invitation_id: UUID, actor: Actor) -> bool:
    """End an invitation at once and for good; False when it is revoked already.

    Raises InvitationNotFound, RoleNotGrantable as `invite_member` does, and InvitationAccepted
    when it is too late.
    """
    configuration.hold(tenant)
    rows = Invitation.objects.select_for_update()
    found = rows.filter(tenant=tenant, pk=invitation_id).first()
    if found is None:
        raise InvitationNotFound(invitation_id=invitation_id)
    if found.role not in selectors.grantable_by(
        tenant=tenant, actor_kind=actor.kind, actor_id=actor.id
    ):
        raise RoleNotGrantable(details={"role": found.role})
    if found.accepted_at is not None:
        raise InvitationAccepted()
    if found.revoked_at is not None:
        return False
    ending.revoke(tenant, found, actor)
    return True


@transaction.atomic
def accept_as_new_person(*, tenant: Tenant, token: str, full_name: str, password: str) -> Member:
    """Make the account of the invited person, and let them in.

    The password has been validated. Raises InvalidParameter for a name that shows nothing,
    InvitationNotFound as `selectors.find_by_token` does, and AccountExists when the address has an
    account already: nobody's password is replaced.
    """
    full_name = checked_name(full_name, field="full_name")
    # Before the lock: a hash takes long by design, and the other changes of the tenant would wait.
    password_hash = make_password(password)
    invitation = _hold(tenant, token)
    try:
        with transaction.atomic():
            user = User.objects.create(
                email=invitation.email, password=password_hash, full_name=full_name, is_staff=True
            )
    except IntegrityError:
        raise AccountExists() from None
    return _join(tenant, invitation, user)


@transaction.atomic
def accept_as(*, tenant: Tenant, token: str, user: User) -> Member:
    """Let the person in who has proved that they are `user`.

    Raises InvitationNotFound as `selectors.find_by_token` does, and for anybody but the invited
    person; MemberExists when they have joined by another way meanwhile: their role stays.
    """
    invitation = _hold(tenant, token)
    if user.email != invitation.email or not user.is_active:
        raise InvitationNotFound()
    if Member.objects.filter(tenant=tenant, user=user).exists():
        raise MemberExists()
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return _join(tenant, invitation, user)


def _hold(tenant: Tenant, token: str) -> Invitation:
    """Of several who come with one link at once, the first one goes on."""
    configuration.hold(tenant)
    return selectors.find_by_token(tenant=tenant, token=token, lock=True)


def _join(tenant: Tenant, invitation: Invitation, user: User) -> Member:
    actor = Actor(ActorKind.MEMBER, str(user.pk))
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    ending.record(tenant, invitation, actor, "accepted", {"role": invitation.role})
    return services.add_member(
        tenant=tenant, user=user, role=Member.Role(invitation.role), actor=actor
    )


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        _is_email(address)
    except ValidationError:
        address = ""
    if not address or len(address) > MAX_EMAIL:
        raise InvalidParameter("Enter an e-mail address.", details={"field": "email"})
    return address
