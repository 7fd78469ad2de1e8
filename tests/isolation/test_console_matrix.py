"""Every page of the console: nobody without signing in, and no neighbour's rows."""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client

from tenants.audit import SYSTEM
from tenants.models import Member, TenantOwned, User
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member
from tests.isolation import routes
from tests.isolation.rows import Household

PAGES = sorted({pattern for pattern, _ in routes.addresses() if pattern.startswith("admin/")})
# What somebody who has not signed in needs.
FOR_EVERYBODY = {
    "admin/login/",
    "admin/logout/",
    "admin/jsi18n/",
    # The token in it is the credential.
    "admin/invitations/<slug:slug>/<str:token>",
}
OWNED = sorted(
    (model for model in admin.site._registry if issubclass(model, TenantOwned)),
    key=lambda model: model.__name__,
)


def address(pattern: str, **values: object) -> str:
    """A page with plausible values."""
    samples = {"object_id": "1", "app_label": "tenants", "content_type_id": "1", "key": "x"}
    return routes.Route("GET", pattern, None).path(
        {name: str(values.get(name, samples.get(name, "1"))) for name in _names(pattern)}
    )


def _names(pattern: str) -> tuple[str, ...]:
    return routes.Route("GET", pattern, None).parameters


@pytest.mark.parametrize("page", [page for page in PAGES if "(?P" not in page])
def test_nobody_sees_a_page_without_signing_in(db: None, page: str) -> None:
    answer = Client().get(address(page))
    if page in FOR_EVERYBODY:
        assert answer.status_code < 500
    else:
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/admin/login/"), page


@pytest.fixture
def owner(globex: Household) -> Client:
    """Globex's owner, who may do everything there."""
    user = User.objects.create_user(f"{uuid4().hex}@globex.example", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    with tenant_scope(globex.tenant.pk) as tenant:
        add_member(tenant=tenant, user=user, role=Member.Role.OWNER, actor=SYSTEM)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_an_owner_sees_no_neighbours_rows(
    model: type[TenantOwned], owner: Client, acme: Household, globex: Household
) -> None:
    with platform_scope("tests"):
        theirs = model.objects.filter(tenant=acme.tenant).order_by("pk").first()
        assert theirs is not None
    prefix = f"admin/{model._meta.app_label}/{model._meta.model_name}/"
    pages = [page for page in PAGES if page.startswith(prefix) and "object_id" in _names(page)]
    assert pages
    with tenant_scope(globex.tenant.pk):
        mine = model.objects.order_by("pk").first()
        assert mine is not None
    shown = [page for page in pages if page.endswith("/change/")]
    # The permissions are there: it is the rows that are not.
    assert owner.get(address(shown[0], object_id=mine.pk)).status_code == 200
    for page in pages:
        path = address(page, object_id=theirs.pk)
        for answer in (owner.get(path), owner.post(path, {})):
            assert answer.status_code in (302, 403, 404, 405), (page, answer.status_code)
            assert str(acme.tenant.slug) not in answer.content.decode()
    with platform_scope("tests"):
        assert model.objects.filter(pk=theirs.pk).exists()
