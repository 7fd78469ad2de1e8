"""The texts of a tenant's widget, for any page and any cache."""

from django.http import HttpRequest, HttpResponse

from kernel.cacheable import cacheable_json
from kernel.http import address_of, network_of
from templates_i18n.entries import get_entries
from tenants import rate_limits
from tenants.errors import TenantSuspended
from tenants.rate_limits import Dimension
from tenants.resolution import Hints, resolve, tenant_in_path
from tenants.scope import tenant_scope


def entries(request: HttpRequest, tenant_slug: str, locale: str) -> HttpResponse:
    """GET and HEAD /v1/i18n/{tenant_slug}/{locale}"""
    address = address_of(request)
    named = tenant_in_path(tenant_slug, address=address)
    tenant_id = resolve(Hints.of_request(request), from_token=named)
    rate_limits.take(tenant_id, [Dimension("i18n", network_of(address))])
    with tenant_scope(tenant_id) as tenant:
        if not tenant.is_active:
            raise TenantSuspended(tenant_id=tenant_id)
        found = get_entries(tenant=tenant, locale=locale)
    # Kept, but never used without asking: a changed text shows at once.
    return cacheable_json(
        request,
        found.body,
        etag=found.etag,
        cache_control="public, no-cache",
        language=found.locale,
    )
