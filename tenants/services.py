"""Changes of tenants, their settings and their people."""

import re

from django.db import transaction

from kernel import events
from tenants import audit, configuration, quotas, selectors
from tenants.audit import Actor
from tenants.errors import (
    DefaultTenantStays,
    LastOwner,
    MemberNotFound,
)
from tenants.events import TenantStatusChanged
from tenants.invitations import ending
from tenants.models import DEFAULT_TENANT_SLUG, Member, Setting, Tenant, User
from tenants.names import checked_name
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope
from tenants.settings import specs
from tenants.widget_keys import new_widget_key

# A slug is also a host name's first label.
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def is_slug(value: str) -> bool:
    """Whether a new tenant may be called so in addresses."""
    return _SLUG.fullmatch(value) is not None


@transaction.atomic
def create_tenant(*, slug: str, name: str, actor: Actor) -> Tenant:
    """A new, active tenant; raises InvalidParameter, and IntegrityError for a taken slug."""
    name = checked_name(name)
    tenant = Tenant.objects.create(slug=slug, name=name)
    with tenant_scope(tenant.pk) as scoped:
        audit.record(
            tenant=scoped,
            actor=actor,
            action="tenant.created",
            object_type="tenant",
            object_id=tenant.pk,
            changes={"slug": slug, "name": name},
        )
        return scoped


def rename_tenant(*, tenant: Tenant, name: str, actor: Actor) -> None:
    """Call a tenant something else; its slug stays. Raises InvalidParameter."""
    name = checked_name(name)
    Tenant.objects.filter(pk=tenant.pk).update(name=name)
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="tenant.renamed",
        object_type="tenant",
        object_id=tenant.pk,
        changes={"name": [tenant.name, name]},
    )


def set_tenant_status(*, tenant: Tenant, status: Tenant.Status, actor: Actor) -> None:
    """Suspend or resume a tenant.

    Customers notice with their next request, and open sockets end with the commit. Raises
    DefaultTenantStays: widgets in use that name no tenant rely on that one.
    """
    if tenant.slug == DEFAULT_TENANT_SLUG and status == Tenant.Status.SUSPENDED:
        raise DefaultTenantStays()
    Tenant.objects.filter(pk=tenant.pk).update(status=status)
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="tenant.status_changed",
        object_type="tenant",
        object_id=tenant.pk,
        changes={"status": [tenant.status, status]},
    )
    events.publish(TenantStatusChanged(tenant=tenant, status=status))


def rotate_widget_key(*, tenant: Tenant, actor: Actor) -> str:
    """A new public key; pages with the old one no longer find the tenant."""
    widget_key = new_widget_key()
    Tenant.objects.filter(pk=tenant.pk).update(widget_key=widget_key)
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="tenant.widget_key_rotated",
        object_type="tenant",
        object_id=tenant.pk,
        changes={"widget_key": [tenant.widget_key, widget_key]},
    )
    return widget_key


def set_setting(*, tenant: Tenant, key: str, value: object, actor: Actor) -> None:
    """Give a setting the tenant's own value; raises InvalidSetting and OverLimit."""
    spec = specs.find_spec(key)
    valid = spec.validate(value)
    quotas.require_within_plan(tenant, key, valid)
    Setting.objects.update_or_create(tenant=tenant, key=key, defaults={"value": valid})
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="setting.changed",
        object_type="setting",
        object_id=key,
        changes={"value": valid},
    )


def reset_setting(*, tenant: Tenant, key: str, actor: Actor) -> None:
    """Return a setting to the platform's default; raises InvalidSetting for an unknown key."""
    specs.find_spec(key)
    deleted, _ = Setting.objects.filter(tenant=tenant, key=key).delete()
    if deleted:
        configuration.invalidate_configuration(tenant)
        audit.record(
            tenant=tenant,
            actor=actor,
            action="setting.reset",
            object_type="setting",
            object_id=key,
        )


def add_member(*, tenant: Tenant, user: User, role: Member.Role, actor: Actor) -> Member:
    """Let a person into the tenant's admin, or change the role they have.

    Raises LastOwner, and OverLimit for one more than the plan allows.
    """
    configuration.hold(tenant)
    member = Member.objects.filter(tenant=tenant, user=user).first()
    if member is not None:
        return change_role(tenant=tenant, member=member, role=role, actor=actor)
    quotas.require_room(tenant, Limit.MEMBERS, count=Member.objects.filter(tenant=tenant).count)
    member = Member.objects.create(tenant=tenant, user=user, role=role)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="member.added",
        object_type="member",
        object_id=member.pk,
        changes={"user": str(user.pk), "role": role},
    )
    return member


def change_role(*, tenant: Tenant, member: Member, role: Member.Role, actor: Actor) -> Member:
    """Give a member another role; raises LastOwner when nobody would own the tenant then."""
    configuration.hold(tenant)
    before = _reread(tenant, member).role
    if before == Member.Role.OWNER != role:
        _require_another_owner(tenant, member)
    if before != role:
        Member.objects.filter(tenant=tenant, pk=member.pk).update(role=role)
        audit.record(
            tenant=tenant,
            actor=actor,
            action="member.role_changed",
            object_type="member",
            object_id=member.pk,
            changes={"role": [before, role]},
        )
    return _reread(tenant, member)


def remove_member(*, tenant: Tenant, member: Member, actor: Actor) -> bool:
    """Take a person out of the tenant's admin; False when that is so already.

    Their sessions end with their next request, and an invitation that they have not used at once:
    it is no way back. Raises LastOwner.
    """
    configuration.hold(tenant)
    found = selectors.list_members(tenant=tenant).filter(pk=member.pk).first()
    if found is None:
        return False
    if found.role == Member.Role.OWNER:
        _require_another_owner(tenant, found)
    found.delete()
    for invitation in ending.lock_open(tenant, found.user.email):
        ending.revoke(tenant, invitation, actor)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="member.removed",
        object_type="member",
        object_id=member.pk,
        changes={"user": str(found.user_id), "role": found.role},
    )
    return True


def _reread(tenant: Tenant, member: Member) -> Member:
    found = selectors.list_members(tenant=tenant).filter(pk=member.pk).first()
    if found is None:
        raise MemberNotFound(member_id=member.pk)
    return found


def _require_another_owner(tenant: Tenant, member: Member) -> None:
    """The tenant's people must be held still by now."""
    owners = Member.objects.filter(tenant=tenant, role=Member.Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise LastOwner()
