"""API keys and widget keys in the console."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.api_keys import authentication, services
from tenants.api_keys.key_format import PATTERN
from tenants.api_keys.models import ApiKey
from tenants.api_keys.services import IssuedKey
from tenants.audit import SYSTEM
from tenants.errors import InvalidApiKey
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope
from tests.staff import audited, console_of, words


def address(page: str, *arguments: object) -> str:
    """Where a page of the keys is."""
    return reverse(f"admin:tenants_apikey_{page}", args=arguments)


def issue(workspace: Tenant, name: str = "Order system") -> IssuedKey:
    """A key of the workspace."""
    with tenant_scope(workspace.pk) as tenant:
        return services.issue_api_key(
            tenant=tenant, name=name, scopes=["settings:read", "audit:read"], actor=SYSTEM
        )


def secrets_in(response: object) -> list[str]:
    """Every key that a page shows in full."""
    assert isinstance(response, HttpResponse)
    return re.findall(PATTERN, response.content.decode())


def test_a_new_key_is_shown_once_and_never_again(
    console: Client, staff: User, workspace: Tenant
) -> None:
    form = {
        "tenant": str(workspace.pk),
        "name": "Order system",
        "scopes": ["conversations:read", "audit:read"],
        "lifetime": "30",
        "rate_limit_points": "50",
    }
    answer = console.post(address("add"), form)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "the only time that it is shown" in words(answer)
    [secret] = secrets_in(answer)
    principal = authentication.authenticate_key(secret, address=None)
    assert principal.scopes == {"conversations:read", "audit:read"}
    with tenant_scope(workspace.pk):
        [key] = ApiKey.objects.all()
    assert (key.tenant_id, key.rate_limit_points) == (workspace.pk, 50)
    assert key.expires_at is not None
    assert timedelta(days=29) < key.expires_at - timezone.now() <= timedelta(days=30)
    assert len(audited("api_key.issued", by=staff)) == 1

    for page in (address("changelist"), address("change", key.pk)):
        shown = console.get(page)
        assert f"chat_live_{key.prefix}_…" in words(shown)
        assert not secrets_in(shown)
        assert isinstance(shown, HttpResponse)
        assert key.secret_hash not in shown.content.decode()


@pytest.mark.parametrize("missing", ["name", "scopes", "tenant"])
def test_what_a_new_key_needs(console: Client, workspace: Tenant, missing: str) -> None:
    form = {"tenant": str(workspace.pk), "name": "Order system", "scopes": ["audit:read"]}
    del form[missing]
    answer = console.post(address("add"), form)
    assert "This field is required" in words(answer)
    assert not secrets_in(answer)


def test_rotating_shows_the_new_key_and_when_the_old_one_ends(
    console: Client, staff: User, workspace: Tenant
) -> None:
    old = issue(workspace)
    page = address("change", old.key.pk).replace("/change/", "/rotate/")
    assert "The old key ends" in words(console.get(page))
    answer = console.post(page, {"overlap": "3600"})
    [secret] = secrets_in(answer)
    assert f"{old.key.shown} works until" in words(answer)
    assert authentication.authenticate_key(secret, address=None).key_id != old.key.pk
    assert authentication.authenticate_key(old.secret, address=None).key_id == old.key.pk
    assert len(audited("api_key.rotated", by=staff)) == 1
    assert "Being replaced" in words(console.get(address("changelist")))

    again = console.post(page, {"overlap": "3600"}, follow=True)
    assert "been replaced already" in words(again)
    assert not secrets_in(again)


def test_rotating_at_once_ends_the_old_key(console: Client, workspace: Tenant) -> None:
    old = issue(workspace)
    page = address("change", old.key.pk).replace("/change/", "/rotate/")
    assert "has ended" in words(console.post(page, {"overlap": "0"}))
    with pytest.raises(InvalidApiKey):
        authentication.authenticate_key(old.secret, address=None)


def test_revoking_asks_first_and_is_final(console: Client, staff: User, workspace: Tenant) -> None:
    issued = issue(workspace)
    page = address("change", issued.key.pk).replace("/change/", "/revoke/")
    assert "cannot be undone" in words(console.get(page))
    assert authentication.authenticate_key(issued.secret, address=None)
    assert "The key is revoked." in words(console.post(page, follow=True))
    with pytest.raises(InvalidApiKey):
        authentication.authenticate_key(issued.secret, address=None)
    assert len(audited("api_key.revoked", by=staff)) == 1
    shown = words(console.get(address("change", issued.key.pk)))
    assert "Revoked" in shown
    assert "Rotate" not in shown


@pytest.mark.parametrize("role", ["admin", "agent", "viewer"])
def test_only_owners_see_keys(role: str, workspace: Tenant) -> None:
    member_console = console_of(workspace, Member.Role(role))
    issued = issue(workspace)
    for page in ("changelist", "add"):
        assert member_console.get(address(page)).status_code == 403
    for action in ("rotate", "revoke"):
        page = address("change", issued.key.pk).replace("/change/", f"/{action}/")
        assert not secrets_in(member_console.post(page, {"overlap": "3600"}))
    assert authentication.authenticate_key(issued.secret, address=None)
    with tenant_scope(workspace.pk):
        assert ApiKey.objects.count() == 1


def test_a_tenant_gets_a_new_widget_key(console: Client, staff: User, workspace: Tenant) -> None:
    page = reverse("admin:tenants_tenant_change", args=[workspace.pk])
    assert workspace.widget_key in words(console.get(page))
    action = page.replace("/change/", "/widget-key/")
    assert "cannot start chats any more" in words(console.get(action))
    console.post(action)
    old = workspace.widget_key
    workspace.refresh_from_db()
    assert workspace.widget_key != old
    assert workspace.widget_key in words(console.get(page))
    [entry] = audited("tenant.widget_key_rotated", by=staff)
    assert entry.changes == {"widget_key": [old, workspace.widget_key]}
