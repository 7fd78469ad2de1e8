"""Tenants, settings, members, users and the audit trail in the console."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tenants.audit import SYSTEM
from tenants.errors import DefaultTenantStays
from tenants.models import DEFAULT_TENANT_SLUG, Member, Setting, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import add_member, set_setting
from tests.staff import PASSWORD, audited, console_of, words


def address(model: str, page: str, *arguments: object) -> str:
    """Where a page of this app is."""
    return reverse(f"admin:tenants_{model}_{page}", args=arguments)


def own_settings(workspace: Tenant) -> dict[str, object]:
    """What the workspace has set."""
    with tenant_scope(workspace.pk):
        return dict(Setting.objects.values_list("key", "value"))


# --- tenants ---------------------------------------------------------------------------------


def test_a_tenant_is_created_and_renamed_but_keeps_its_slug(console: Client, staff: User) -> None:
    console.post(address("tenant", "add"), {"name": "Initrode", "slug": "initrode"})
    tenant = Tenant.objects.get(slug="initrode")
    console.post(address("tenant", "change", tenant.pk), {"name": "Initrode II", "slug": "other"})
    tenant.refresh_from_db()
    assert (tenant.name, tenant.slug) == ("Initrode II", "initrode")
    assert len(audited("tenant.created", by=staff)) == 1
    [renamed] = audited("tenant.renamed", by=staff)
    assert renamed.changes == {"name": ["Initrode", "Initrode II"]}
    # Django's own log has one table for all tenants, and no policy.
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("slug", ["Upper", "under_score", "-edge", "edge-", "initech", ""])
def test_a_slug_has_to_fit_into_an_address(console: Client, workspace: Tenant, slug: str) -> None:
    answer = console.post(address("tenant", "add"), {"name": "Initrode", "slug": slug})
    assert answer.status_code == 200
    assert not Tenant.objects.filter(name="Initrode").exists()


def test_a_tenant_is_suspended_and_resumed(console: Client, staff: User, workspace: Tenant) -> None:
    page = address("tenant", "change", workspace.pk)
    question = words(console.get(page.replace("/change/", "/suspend/")))
    assert "Nothing is deleted" in question
    console.post(page.replace("/change/", "/suspend/"))
    workspace.refresh_from_db()
    assert workspace.status == Tenant.Status.SUSPENDED
    console.post(page.replace("/change/", "/resume/"))
    workspace.refresh_from_db()
    assert workspace.is_active
    assert len(audited("tenant.status_changed", by=staff)) == 2


def test_the_default_tenant_stays(console: Client, db: None) -> None:
    default = Tenant.objects.get(slug=DEFAULT_TENANT_SLUG)
    suspend = address("tenant", "change", default.pk).replace("/change/", "/suspend/")
    refused = console.post(suspend, follow=True)
    assert DefaultTenantStays.message in words(refused)
    default.refresh_from_db()
    assert default.is_active


def test_a_tenants_page_lists_every_setting(console: Client, workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        set_setting(tenant=tenant, key="support.label", value="Initech team", actor=SYSTEM)
    page = words(console.get(address("tenant", "change", workspace.pk)))
    assert "support.label own value" in page
    assert "Initech team" in page
    assert "allowedOrigins Websites that may embed" in page


def test_a_tenants_page_belongs_to_its_owner(workspace: Tenant) -> None:
    owner = console_of(workspace, Member.Role.OWNER)
    page = address("tenant", "change", workspace.pk)
    shown = owner.get(address("tenant", "changelist"), follow=True)
    assert shown.request["PATH_INFO"] == page
    for text in (workspace.slug, workspace.widget_key, f'data-tenant="{workspace.slug}"'):
        assert text in words(shown)
    changed = {"name": "Initech Ltd", "websites": "https://Shop.example/\nhttps://b.example"}
    assert owner.post(page, changed).status_code == 302
    workspace.refresh_from_db()
    assert workspace.name == "Initech Ltd"
    assert own_settings(workspace) == {
        "allowedOrigins": ["https://shop.example", "https://b.example"]
    }
    owner.post(page.replace("/change/", "/widget-key/"))
    before = workspace.widget_key
    workspace.refresh_from_db()
    assert workspace.widget_key != before


@pytest.mark.parametrize("role", [Member.Role.OWNER, Member.Role.ADMIN])
def test_its_owner_neither_makes_nor_suspends_tenants(workspace: Tenant, role: Member.Role) -> None:
    browser = console_of(workspace, role)
    page = address("tenant", "change", workspace.pk)
    for refused in (page.replace("/change/", "/suspend/"), address("tenant", "add")):
        assert browser.post(refused, {"name": "X", "slug": "x"}).status_code == 403
        assert refused not in browser.get(page).content.decode()
    workspace.refresh_from_db()
    assert workspace.is_active
    assert not Tenant.objects.filter(slug="x").exists()


def test_a_viewer_reads_the_websites(workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        value = ["https://shop.example"]
        set_setting(tenant=tenant, key="allowedOrigins", value=value, actor=SYSTEM)
    viewer = console_of(workspace, Member.Role.VIEWER)
    page = viewer.get(address("tenant", "change", workspace.pk))
    assert "Allowed websites https://shop.example" in words(page)
    assert "Change support.label" not in page.content.decode()


def test_what_is_no_website_is_said_at_the_field(workspace: Tenant) -> None:
    owner = console_of(workspace, Member.Role.OWNER)
    answer = owner.post(
        address("tenant", "change", workspace.pk),
        {"name": "Other", "websites": "shop.example/contact"},
    )
    assert "'shop.example/contact' has no scheme. Write https://shop.example." in words(answer)
    workspace.refresh_from_db()
    assert (workspace.name, own_settings(workspace)) == ("Initech", {})


# --- settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("support.label", " Initech team ", "Initech team"),
        ("telegram.silent", "no", False),
        ("rl.start.points", "7", 7),
        ("widget.brand", " #3B5BDB ", "#3B5BDB"),
        ("widget.scheme", "dark", "dark"),
        (
            "allowedOrigins",
            "https://a.example\nhttps://b.example",
            ["https://a.example", "https://b.example"],
        ),
        (
            "allowedOrigins",
            "https://пример.рф:443/\nhttps://xn--e1afmkfd.xn--p1ai HTTP://LocalHost:3000",
            ["https://xn--e1afmkfd.xn--p1ai", "http://localhost:3000"],
        ),
    ],
)
def test_a_setting_gets_a_typed_value(
    console: Client, staff: User, workspace: Tenant, key: str, text: str, value: object
) -> None:
    form = {"tenant": str(workspace.pk), "key": key, "text": text}
    assert console.post(address("setting", "add"), form).status_code == 302
    assert own_settings(workspace) == {key: value}
    assert [entry.object_id for entry in audited("setting.changed", by=staff)] == [key]


def test_one_of_a_few_words_is_chosen_from_a_list(console: Client, workspace: Tenant) -> None:
    asked = {"tenant": str(workspace.pk), "key": "widget.scheme"}
    form = console.get(address("setting", "add"), asked).content.decode()
    for word in ("auto", "light", "dark"):
        assert f'<option value="{word}"' in form


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("rl.start.points", "many", "Use a whole number"),
        ("telegram.silent", "maybe", "Use true or false"),
        ("telegram.topicOn", "never", "Use one of: first_message, start."),
        ("allowedOrigins", "a.example", "Write https://a.example."),
        ("allowedOrigins", "https://a.example/shop", "Write https://a.example."),
        ("allowedOrigins", "https://*.a.example", "or use * for all"),
        ("allowedOrigins", "https://me:word@a.example", "more than an origin"),
        ("widget.brand", "red-ish", "Use a colour such as #3B5BDB"),
        ("support.label", "", "Use a text of 1 to 64 characters"),
        ("made.up", "1", "Select a valid choice"),
    ],
)
def test_what_a_setting_does_not_allow_is_said_kindly(
    console: Client, workspace: Tenant, key: str, text: str, sentence: str
) -> None:
    form = {"tenant": str(workspace.pk), "key": key, "text": text}
    answer = console.post(address("setting", "add"), form)
    assert answer.status_code == 200
    assert sentence in words(answer)
    assert own_settings(workspace) == {}


def test_a_setting_is_changed_and_returned_to_the_default(
    console: Client, staff: User, workspace: Tenant
) -> None:
    with tenant_scope(workspace.pk) as tenant:
        set_setting(tenant=tenant, key="telegram.silent", value=False, actor=SYSTEM)
        row = Setting.objects.get()
    page = address("setting", "change", row.pk)
    assert "Whether the bot posts without sound" in words(console.get(page))
    console.post(page, {"text": "yes"})
    assert own_settings(workspace) == {"telegram.silent": True}
    console.post(page.replace("/change/", "/reset/"))
    assert own_settings(workspace) == {}
    assert len(audited("setting.reset", by=staff)) == 1


# --- people ----------------------------------------------------------------------------------


def test_a_member_joins_changes_and_leaves(console: Client, staff: User, workspace: Tenant) -> None:
    user = User.objects.create_user("samir@initech.example", PASSWORD)
    form = {"tenant": str(workspace.pk), "user": str(user.pk), "role": "agent"}
    assert console.post(address("member", "add"), form).status_code == 302
    with tenant_scope(workspace.pk):
        member = Member.objects.get()
    page = address("member", "change", member.pk)
    console.post(page, {"role": "admin"})
    with tenant_scope(workspace.pk):
        assert Member.objects.get().role == Member.Role.ADMIN
    answer = console.post(page.replace("/change/", "/remove/"), follow=True)
    assert "They are no longer a member." in words(answer)
    with tenant_scope(workspace.pk):
        assert not Member.objects.exists()
    assert len(audited("member.added", by=staff)) == 1
    assert len(audited("member.role_changed", by=staff)) == 1
    assert len(audited("member.removed", by=staff)) == 1


def test_a_user_is_added_with_a_password(console: Client) -> None:
    form = {
        "email": "Nina@Initech.Example",
        "full_name": "Nina",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert console.post(address("user", "add"), form).status_code == 302
    user = User.objects.get(email="nina@initech.example")
    assert user.check_password(PASSWORD)
    assert (user.is_staff, user.is_superuser) == (False, False)
    again = console.post(address("user", "add"), form)
    assert "There is an account with this address already." in words(again)


def test_a_weak_password_is_refused(console: Client) -> None:
    form = {"email": "nina@initech.example", "password1": "short", "password2": "short"}
    assert console.post(address("user", "add"), form).status_code == 200
    assert not User.objects.filter(email="nina@initech.example").exists()


def test_a_user_is_changed_and_gets_a_new_password(console: Client) -> None:
    user = User.objects.create_user("nina@initech.example", PASSWORD)
    page = address("user", "change", user.pk)
    console.post(page, {"email": "Nina@Initech.example", "full_name": "Nina", "is_staff": "on"})
    user.refresh_from_db()
    assert (user.email, user.full_name, user.is_active, user.is_staff) == (
        "nina@initech.example",
        "Nina",
        False,
        True,
    )
    console.post(
        page.replace("/change/", "/password/"),
        {"password1": "another passphrase", "password2": "another passphrase"},
    )
    user.refresh_from_db()
    assert user.check_password("another passphrase")


def test_nobody_takes_their_own_access_away(console: Client, staff: User) -> None:
    page = address("user", "change", staff.pk)
    answer = console.post(page, {"email": staff.email, "is_active": "on", "is_staff": "on"})
    assert "You cannot take your own access away" in words(answer)
    staff.refresh_from_db()
    assert staff.is_superuser


# --- the audit trail -------------------------------------------------------------------------


def test_the_audit_trail_names_people_and_finds_objects(
    console: Client, staff: User, workspace: Tenant
) -> None:
    console.post(f"/admin/tenants/tenant/{workspace.pk}/suspend/")
    trail = words(console.get(address("auditentry", "changelist"), {"q": str(workspace.pk)}))
    assert "tenant.status_changed staff@chatorical.example (staff)" in trail
    assert "tenant.created system" in trail
    [entry] = audited("tenant.status_changed", by=staff)
    page = words(console.get(address("auditentry", "change", entry.pk)))
    assert '"active", "suspended"' in page


def test_the_audit_trail_cannot_be_changed(console: Client, staff: User, workspace: Tenant) -> None:
    console.post(f"/admin/tenants/tenant/{workspace.pk}/suspend/")
    [entry] = audited("tenant.status_changed", by=staff)
    page = address("auditentry", "change", entry.pk)
    assert console.post(page, {"action": "nothing"}).status_code == 403
    assert console.get(address("auditentry", "add")).status_code == 403


def test_members_are_listed_with_tenant_and_role(console: Client, workspace: Tenant) -> None:
    user = User.objects.create_user("samir@initech.example", PASSWORD)
    with tenant_scope(workspace.pk) as tenant:
        add_member(tenant=tenant, user=user, role=Member.Role.VIEWER, actor=SYSTEM)
    listed = words(console.get(address("member", "changelist")))
    assert "samir@initech.example Initech Viewer" in listed
