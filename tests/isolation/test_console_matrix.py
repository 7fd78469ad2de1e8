"""Every page of the console, as everybody who may come to it.

The pages are taken from the URLconf, and what they need from their kind: a new one is tried by
itself, as one that is for changing things.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from billing.models import Plan, StripeEvent
from tenants import roles
from tenants.api_keys.scopes import Scope
from tenants.audit import SYSTEM
from tenants.models import Member, Tenant, TenantOwned, User
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, remove_member
from tests.isolation import routes
from tests.isolation.rows import Household, new_stripe_event
from tests.isolation.written import written_for

PAGES = sorted({pattern for pattern, _ in routes.addresses() if pattern.startswith("admin/")})
# What somebody who has not signed in needs.
FOR_EVERYBODY = {
    "admin/login/",
    "admin/logout/",
    "admin/jsi18n/",
    # The token in it is the credential.
    "admin/invitations/<slug:slug>/<str:token>",
}
# No process imports the pages before the first request for one.
admin.autodiscover()
MODELS = sorted(admin.site._registry, key=lambda model: model.__name__)
OWNED = [model for model in MODELS if issubclass(model, TenantOwned)]

# What a page needs, by the last part of its address. Every other page, such as a new action's, is
# for those who may change the rows.
READING = {"", "change", "history", "export-language", "export-csv", "export-json"}
NEVER = {"delete"}
# For those who run the workspace, whatever else may be changed by others.
MANAGING = {"delete-for-good"}
# Chooses among all accounts, whoever's they are; makes, suspends and resumes tenants.
STAFFS = {
    "admin/tenants/member/add/",
    "admin/tenants/tenant/add/",
    "admin/tenants/tenant/<path:object_id>/suspend/",
    "admin/tenants/tenant/<path:object_id>/resume/",
}


def address(pattern: str, **values: object) -> str:
    """A page with plausible values."""
    samples = {"object_id": "1", "app_label": "tenants", "content_type_id": "1", "key": "x"}
    return routes.Route("GET", pattern, None).path(
        {name: str(values.get(name, samples.get(name, "1"))) for name in _names(pattern)}
    )


def _names(pattern: str) -> tuple[str, ...]:
    return routes.Route("GET", pattern, None).parameters


def pages_of(model: type[Model]) -> list[str]:
    """Every page about rows of this kind."""
    prefix = f"admin/{model._meta.app_label}/{model._meta.model_name}/"
    # The address of a row itself leads on to its page, whoever asks.
    return [page for page in PAGES if page.startswith(prefix) and not page.endswith("_id>/")]


def may_see(page: str, model: type[Model], role: Member.Role) -> bool:
    """Whether somebody of this role gets the page of a row of their own tenant's."""
    owner: Any = admin.site._registry[model]
    kind = page.removesuffix("/").split("/")[3:]
    last = kind[-1] if kind else ""
    if last in NEVER or page in STAFFS or (last == "add" and not owner.can_add):
        return False
    if last == "lift-legal-hold":
        return role in (Member.Role.OWNER, Member.Role.ADMIN)
    if last in MANAGING and not roles.may(role, Scope.SETTINGS_WRITE):
        return False
    return roles.may(role, owner.reading if last in READING else owner.writing)


def sign_in(tenant: Tenant, role: Member.Role) -> Client:
    """The browser of a new member."""
    user = User.objects.create_user(f"{uuid4().hex}@{tenant.slug}.example", is_staff=True)
    with tenant_scope(tenant.pk) as scoped:
        add_member(tenant=scoped, user=user, role=role, actor=SYSTEM)
    client = Client()
    client.force_login(user)
    return client


def row_of(home: Household, model: type[Model]) -> Any:
    """A row of the household's; of its people, one who is an agent."""
    if model is Tenant:
        return home.tenant
    if model is User:
        return home.user
    if model is Plan:
        return Plan.objects.create(code=uuid4().hex, name="Team")
    if model is StripeEvent:
        with platform_scope("tests"):
            return new_stripe_event()
    with tenant_scope(home.tenant.pk):
        if model is Member and not Member.objects.filter(role=Member.Role.AGENT).exists():
            user = User.objects.create_user(f"agent@{home.tenant.slug}.example")
            add_member(tenant=home.tenant, user=user, role=Member.Role.AGENT, actor=SYSTEM)
        wanted = {"role": Member.Role.AGENT} if model is Member else {}
        row = model._base_manager.filter(tenant=home.tenant, **wanted).order_by("pk").first()
    assert row is not None
    return row


def everywhere(home: Household) -> Iterator[str]:
    """Every address of the console, about this household's rows."""
    for model in MODELS:
        pk = row_of(home, model).pk
        yield from (address(page, object_id=pk, id=pk) for page in pages_of(model))
    others = [page for page in PAGES if page not in FOR_EVERYBODY and "(?P" not in page]
    yield from (address(page) for page in others)


def assert_sent_to_sign_in(browser: Client, path: str, *methods: str) -> None:
    """Whatever is asked for, and however."""
    for method in methods or ("get", "post"):
        answer = getattr(browser, method)(path, {"confirmed": "1"})
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/admin/login/"), path


def test_nobody_sees_a_page_without_signing_in(acme: Household) -> None:
    paths = list(everywhere(acme))
    before = written_for(acme.tenant)
    for path in paths:
        assert_sent_to_sign_in(Client(), path)
    assert written_for(acme.tenant) == before
    for page in FOR_EVERYBODY:
        assert Client().get(address(page)).status_code < 500


def test_a_session_that_has_expired_is_none(acme: Household) -> None:
    browser = sign_in(acme.tenant, Member.Role.OWNER)
    paths = list(everywhere(acme))
    assert browser.get(paths[0]).status_code == 200
    with platform_scope("tests"):
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    before = written_for(acme.tenant)
    for path in paths:
        assert_sent_to_sign_in(browser, path)
    assert written_for(acme.tenant) == before


def test_a_member_who_was_removed_is_nobody(acme: Household) -> None:
    browser = sign_in(acme.tenant, Member.Role.OWNER)
    paths = list(everywhere(acme))
    assert browser.get(paths[0]).status_code == 200
    user = User.objects.get(pk=browser.session["_auth_user_id"])
    with tenant_scope(acme.tenant.pk) as tenant:
        remove_member(tenant=tenant, member=Member.objects.get(user=user), actor=SYSTEM)
    before = written_for(acme.tenant)
    for path in paths:
        # The first page signs them out; a session that is still there must not help either.
        browser.force_login(user)
        assert_sent_to_sign_in(browser, path, "post")
    assert written_for(acme.tenant) == before


@pytest.mark.parametrize("role", list(Member.Role))
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_member_gets_the_pages_of_their_role(
    model: type[Model], role: Member.Role, acme: Household
) -> None:
    pk = row_of(acme, model).pk
    browser = sign_in(acme.tenant, role)
    before = written_for(acme.tenant)
    for page in pages_of(model):
        path = address(page, object_id=pk, id=pk)
        if may_see(page, model, role):
            assert browser.get(path, follow=True).status_code == 200, page
        else:
            for answer in (browser.get(path), browser.post(path, {"confirmed": "1"})):
                assert answer.status_code in (302, 403), (page, answer.status_code)
    assert written_for(acme.tenant) == before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_owner_sees_no_neighbours_rows(
    model: type[Model], acme: Household, globex: Household
) -> None:
    """A neighbour's row is answered as one that nobody has, and stays as it is."""
    theirs = row_of(acme, model).pk
    nobodys = 2**60 if isinstance(theirs, int) else uuid4()
    browser = sign_in(globex.tenant, Member.Role.OWNER)
    before = written_for(acme.tenant)
    pages = [page for page in pages_of(model) if set(_names(page)) & {"object_id", "id"}]
    assert pages
    for page in pages:
        answers = []
        for pk in (theirs, nobodys):
            path = address(page, object_id=pk, id=pk)
            for answer in (browser.get(path), browser.post(path, {"confirmed": "1"})):
                assert answer.status_code in (302, 403, 404, 405), (page, answer.status_code)
                assert acme.tenant.slug not in answer.content.decode()
                answers.append((answer.status_code, answer.get("Location")))
        assert answers[:2] == answers[2:], page
    assert written_for(acme.tenant) == before


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_a_list_shows_ones_own_rows(model: type[Model], acme: Household, globex: Household) -> None:
    browser = sign_in(globex.tenant, Member.Role.OWNER)
    theirs, mine = (str(row_of(home, model).pk) for home in (acme, globex))
    shown = browser.get(address(pages_of(model)[0])).content.decode()
    assert f"/{mine}/" in shown
    assert f"/{theirs}/" not in shown
    assert acme.tenant.slug not in shown
