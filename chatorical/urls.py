"""Every address of the product."""

import sys

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from chatorical.console.errors import error_page
from chatorical.console.invitations import accept_invitation
from chatorical.console.usage import usage_page
from chatorical.console.workspaces import choose_workspace
from chatorical.openapi import views as openapi
from kernel.database import is_outage, renew_connections
from kernel.errors import (
    BadRequest,
    DependencyDown,
    DomainError,
    Forbidden,
    InternalError,
    NotFound,
)
from kernel.http import error_response
from tenants.invitations.links import PAGE

# Each app's pages of the console register themselves.
admin.autodiscover()

urlpatterns = [
    path("admin/invitations/<slug:slug>/<str:token>", accept_invitation, name=PAGE),
    path("admin/workspace/", admin.site.admin_view(choose_workspace), name="choose-workspace"),
    path("admin/usage/", admin.site.admin_view(usage_page), name="usage"),
    path("admin/", admin.site.urls),
    path("docs/", openapi.page, name="api-docs"),
    path("docs/openapi.yaml", openapi.document, name="openapi"),
    path("", include("tenants.api.v2.urls")),
    path("", include("tenants.api.platform.urls")),
    path("", include("chatorical.web.fast_urls")),
    path("", include("conversations.api.operator_v1.urls")),
    path("", include("conversations.api.tenant_v2.urls")),
    path("", include("templates_i18n.api.admin_urls")),
    path("", include("templates_i18n.api.v2.urls")),
    path("", include("channels_telegram.api.admin_urls")),
    path("", include("channels_telegram.api.v2.urls")),
    path("", include("channels_telegram.api.platform.urls")),
    path("", include("billing.api.platform.urls")),
    path("", include("billing.api.v2.urls")),
    path("", include("billing.api.payment_urls")),
    path("", include("outbox.api.v2.urls")),
]


def _bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(BadRequest())


def _forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page_or_envelope(request, Forbidden())


def _not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page_or_envelope(request, NotFound())


def _server_error(request: HttpRequest) -> HttpResponse:
    # Django calls it while it handles the exception, and hands it nothing.
    error = sys.exception()
    if is_outage(error):
        renew_connections(error)
        return _page_or_envelope(request, DependencyDown())
    return _page_or_envelope(request, InternalError())


def _page_or_envelope(request: HttpRequest, error: DomainError) -> HttpResponse:
    if request.path.startswith(reverse("admin:index")):
        return error_page(error)
    return error_response(error)


# Programs call the other addresses: even a mistyped one gets the JSON envelope.
handler400, handler403, handler404, handler500 = (
    _bad_request,
    _forbidden,
    _not_found,
    _server_error,
)
