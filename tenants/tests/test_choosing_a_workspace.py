"""Somebody works for two tenants, and looks at one of them at a time."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tenants import services
from tenants.audit import SYSTEM
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope
from tests.staff import console_of, start_conversation, words

CONVERSATIONS = "admin:conversations_conversation_changelist"


@pytest.fixture
def globex(workspace: Tenant) -> Tenant:
    """The other one."""
    tenant = services.create_tenant(slug=f"globex-{uuid4().hex[:8]}", name="Globex", actor=SYSTEM)
    start_conversation(tenant, name="Hank", text="Hammocks?")
    start_conversation(workspace, name="Milton", text="My stapler?")
    return tenant


@pytest.fixture
def client(workspace: Tenant, globex: Tenant) -> Client:
    """Of Initech's owner, who is a viewer at Globex."""
    client = console_of(workspace, Member.Role.OWNER)
    with tenant_scope(globex.pk) as tenant:
        user = User.objects.get(email="owner@initech.example")
        services.add_member(tenant=tenant, user=user, role=Member.Role.VIEWER, actor=SYSTEM)
    return client


def choose(client: Client, tenant: object) -> int:
    return client.post(reverse("choose-workspace"), {"workspace": str(tenant)}).status_code


def seen(client: Client) -> set[str]:
    """Whose customers are on the page."""
    page = words(client.get(reverse(CONVERSATIONS)))
    return {name for name in ("Milton", "Hank") if name in page}


def test_the_first_one_is_shown_until_another_is_chosen(client: Client, globex: Tenant) -> None:
    assert seen(client) == {"Milton"}
    assert choose(client, globex.pk) == 302
    assert seen(client) == {"Hank"}


def test_the_role_is_the_chosen_tenants(client: Client, workspace: Tenant, globex: Tenant) -> None:
    keys = reverse("admin:tenants_apikey_add")
    assert client.get(keys).status_code == 200
    choose(client, globex.pk)
    assert client.get(keys).status_code == 403
    choose(client, workspace.pk)
    assert client.get(keys).status_code == 200


def test_the_menu_names_both_and_says_which_it_is(client: Client, globex: Tenant) -> None:
    page = client.get(reverse("admin:index")).content.decode()
    assert page.count('name="workspace"') == 2
    assert page.count('aria-current="true"') == 1
    choose(client, globex.pk)
    assert "Globex check" in words(client.get(reverse("admin:index")))


def test_who_has_one_has_nothing_to_choose(workspace: Tenant) -> None:
    page = console_of(workspace, Member.Role.AGENT).get(reverse("admin:index"))
    assert 'name="workspace"' not in page.content.decode()
    assert "Initech" in words(page)


def test_a_tenant_of_others_is_not_to_be_had(client: Client, workspace: Tenant) -> None:
    stranger = services.create_tenant(slug=f"umbrella-{uuid4().hex[:8]}", name="U", actor=SYSTEM)
    for wanted in (stranger.pk, uuid4(), "nonsense", ""):
        assert choose(client, wanted) == 404
    # Nor when the session says so.
    session = client.session
    session["workspace"] = str(stranger.pk)
    session.save()
    assert seen(client) == {"Milton"}


def test_a_membership_that_has_ended_is_not_shown_any_more(client: Client, globex: Tenant) -> None:
    choose(client, globex.pk)
    with tenant_scope(globex.pk) as tenant:
        member = Member.objects.get(user__email="owner@initech.example")
        services.remove_member(tenant=tenant, member=member, actor=SYSTEM)
    assert seen(client) == {"Milton"}


def test_platform_staff_have_nothing_to_choose(console: Client, workspace: Tenant) -> None:
    assert choose(console, workspace.pk) == 404
