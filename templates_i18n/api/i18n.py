"""The texts of a tenant's widget, for any page and any cache."""

from django.http import HttpRequest, HttpResponse

from kernel.http import address_of
from templates_i18n.entries import Entries, get_entries
from tenants.errors import TenantSuspended
from tenants.resolution import Hints, resolve, tenant_in_path
from tenants.scope import tenant_scope


def entries(request: HttpRequest, tenant_slug: str, locale: str) -> HttpResponse:
    """GET and HEAD /v1/i18n/{tenant_slug}/{locale}"""
    hints = Hints.of(
        query=dict(request.GET.lists()), headers=request.headers, address=address_of(request)
    )
    tenant_id = resolve(hints, from_token=tenant_in_path(tenant_slug))
    with tenant_scope(tenant_id) as tenant:
        if not tenant.is_active:
            raise TenantSuspended(tenant_id=tenant_id)
        found = get_entries(tenant=tenant, locale=locale)
    return _answer(found, request.headers.get("If-None-Match"))


def _answer(found: Entries, held: str | None) -> HttpResponse:
    """The document, or 304 for whoever holds it already."""
    response = HttpResponse(content_type="application/json")
    if held is not None and _holds(held, found.etag):
        response.status_code = 304
        del response.headers["Content-Type"]
    else:
        response.content = found.body
    response.headers["ETag"] = found.etag
    response.headers["Content-Language"] = found.locale
    # Kept, but never used without asking: a changed text shows at once.
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def _holds(held: str, etag: str) -> bool:
    """RFC 9110, weak comparison: `*`, or one of a list, marked as weak or not."""
    tags = [tag.strip().removeprefix("W/") for tag in held.split(",")]
    return tags == ["*"] or etag in tags
