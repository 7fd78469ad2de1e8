"""What each role may do, as a table: a change of it is a decision, and shows here."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tenants import roles, services
from tenants.api_keys.scopes import Scope
from tenants.audit import SYSTEM
from tenants.errors import LastOwner
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope
from tests.staff import PASSWORD, console_of, words

#                        viewer agent  admin  owner
TABLE = {
    Scope.CONVERSATIONS_READ: (1, 1, 1, 1),
    Scope.CONVERSATIONS_WRITE: (0, 1, 1, 1),
    Scope.SETTINGS_READ: (1, 0, 1, 1),
    Scope.SETTINGS_WRITE: (0, 0, 1, 1),
    Scope.CHANNELS_WRITE: (0, 0, 1, 1),
    Scope.TEMPLATES_WRITE: (0, 0, 1, 1),
    Scope.KEYS_WRITE: (0, 0, 0, 1),
    Scope.BILLING_WRITE: (0, 0, 0, 1),
    Scope.AUDIT_READ: (1, 0, 1, 1),
    Scope.ADMIN_READ: (1, 0, 1, 1),
    Scope.ADMIN_WRITE: (0, 0, 0, 1),
}
_COLUMNS = (Member.Role.VIEWER, Member.Role.AGENT, Member.Role.ADMIN, Member.Role.OWNER)


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(Scope)
    assert set(roles.PERMISSIONS) == set(Member.Role) == set(_COLUMNS)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_role_may_what_the_table_says(scope: Scope) -> None:
    assert tuple(int(roles.may(role, scope)) for role in _COLUMNS) == TABLE[scope]


def test_nobody_may_anything_and_nobody_may_what_is_the_platforms() -> None:
    assert not any(roles.may(None, scope) for scope in Scope)
    assert not any(roles.may(role, None) for role in Member.Role)


def test_who_is_removed_is_signed_out_with_the_next_click(workspace: Tenant) -> None:
    browser = console_of(workspace, Member.Role.AGENT)
    page = reverse("admin:conversations_conversation_changelist")
    assert browser.get(page).status_code == 200
    with tenant_scope(workspace.pk) as tenant:
        member = Member.objects.get(role=Member.Role.AGENT)
        services.remove_member(tenant=tenant, member=member, actor=SYSTEM)
    refused = browser.get(page)
    assert isinstance(refused, HttpResponse)
    assert refused["Location"].startswith(reverse("admin:login"))
    assert "_auth_user_id" not in browser.session


def test_a_role_that_was_taken_holds_no_longer(workspace: Tenant) -> None:
    browser = console_of(workspace, Member.Role.ADMIN)
    page = reverse("admin:tenants_setting_changelist")
    assert browser.get(page).status_code == 200
    with tenant_scope(workspace.pk) as tenant:
        member = Member.objects.get(role=Member.Role.ADMIN)
        services.change_role(tenant=tenant, member=member, role=Member.Role.AGENT, actor=SYSTEM)
    assert browser.get(page).status_code == 403


def test_a_new_password_ends_the_sessions_of_the_old_one(workspace: Tenant) -> None:
    browser = console_of(workspace, Member.Role.OWNER)
    assert browser.get(reverse("admin:index")).status_code == 200
    user = User.objects.get(email="owner@initech.example")
    user.set_password("another passphrase altogether")
    user.save()
    assert browser.get(reverse("admin:index")).status_code == 302


def test_who_is_a_member_nowhere_is_told_so_at_the_sign_in(quiet_platform: None) -> None:
    User.objects.create_user("peter@initech.example", PASSWORD, is_staff=True)
    answer = Client().post(
        reverse("admin:login"), {"username": "peter@initech.example", "password": PASSWORD}
    )
    assert "You are not a member of any workspace" in words(answer)


def test_a_tenant_keeps_an_owner(workspace: Tenant) -> None:
    console_of(workspace, Member.Role.OWNER)
    with tenant_scope(workspace.pk) as tenant:
        owner = Member.objects.get(role=Member.Role.OWNER)
        with pytest.raises(LastOwner):
            services.add_member(
                tenant=tenant, user=owner.user, role=Member.Role.VIEWER, actor=SYSTEM
            )
        with pytest.raises(LastOwner):
            services.remove_member(tenant=tenant, member=owner, actor=SYSTEM)


def test_admins_manage_everybody_but_owners(workspace: Tenant) -> None:
    console_of(workspace, Member.Role.OWNER)
    console_of(workspace, Member.Role.AGENT)
    browser = console_of(workspace, Member.Role.ADMIN)
    with tenant_scope(workspace.pk):
        owner = Member.objects.get(role=Member.Role.OWNER).pk
        agent = Member.objects.get(role=Member.Role.AGENT).pk

    def page(member: object, path: str = "change") -> str:
        change = reverse("admin:tenants_member_change", args=[member])
        return change.replace("/change/", f"/{path}/")

    assert browser.post(page(owner, "remove")).status_code == 403
    assert browser.post(page(owner), {"role": "viewer"}).status_code == 403
    assert "Remove" not in words(browser.get(page(owner)))
    # Nobody makes an owner, least of all of themselves.
    assert browser.post(page(agent), {"role": "owner"}).status_code == 200
    assert browser.post(page(agent), {"role": "viewer"}).status_code == 302
    with tenant_scope(workspace.pk):
        assert {
            member.pk: member.role for member in Member.objects.filter(pk__in=[owner, agent])
        } == {
            owner: "owner",
            agent: "viewer",
        }
    assert browser.post(page(agent, "remove")).status_code == 302
    with tenant_scope(workspace.pk):
        assert not Member.objects.filter(pk=agent).exists()
