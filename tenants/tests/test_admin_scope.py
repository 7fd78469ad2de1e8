"""The transaction around each page of the console."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tenants.admin_scope import AdminScopeMiddleware
from tenants.audit import SYSTEM
from tenants.models import Tenant, User
from tenants.services import create_tenant


@pytest.mark.parametrize(
    ("status", "is_kept"), [(200, True), (302, True), (403, True), (500, False)]
)
def test_a_page_that_fails_leaves_nothing_behind(staff: User, status: int, is_kept: bool) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        create_tenant(slug="halfway", name="Halfway", actor=SYSTEM)
        return HttpResponse(status=status)

    request = RequestFactory().post("/admin/")
    request.user = staff
    assert AdminScopeMiddleware(view)(request).status_code == status
    assert Tenant.objects.filter(slug="halfway").exists() is is_kept
