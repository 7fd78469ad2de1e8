"""Which tenant a customer's request is for: the one place that reads the hints.

The first hint wins; a later one that names somebody else is refused, so that a confused page or a
crafted link cannot mix two tenants.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from tenants import configuration
from tenants.errors import TenantMismatch, TenantNotFound, TenantRequired

# As Tenant.slug: what is no slug is not looked up (a NUL, say, would be refused by the database).
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,63}")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a request says about its tenant, beside a token."""

    query_slug: str | None = None
    header: str | None = None
    host: str | None = None
    widget_key: str | None = None

    @classmethod
    def of(cls, *, query: Mapping[str, str], headers: Mapping[str, str]) -> "Hints":
        """From the query (`t`, `k`) and the headers `X-Tenant-ID`, `X-Widget-Key` and `Host`."""
        return cls(
            query_slug=query.get("t") or None,
            header=headers.get("x-tenant-id") or None,
            host=headers.get("host", "").partition(":")[0].lower(),
            widget_key=query.get("k") or headers.get("x-widget-key") or None,
        )


def resolve(hints: Hints, *, from_token: UUID | None = None) -> UUID:
    """The tenant's id.

    Raises TenantNotFound for a hint that names nobody, TenantMismatch for two that disagree and
    TenantRequired when there is none and FEATURE_TENANT_CONTEXT_ENFORCED is on.
    """
    named = [from_token] if from_token is not None else []
    named += [_find(value) for value in (hints.query_slug, hints.header) if value]
    if hints.widget_key is not None:
        # No widget keys are issued yet, so whoever brings one means a tenant that is not here.
        raise TenantNotFound(details={"widget_key": hints.widget_key[:64]})
    subdomain = _subdomain(hints.host)
    if subdomain is not None:
        named.append(_find(subdomain))
    if not named:
        if settings.FEATURE_TENANT_CONTEXT_ENFORCED:
            raise TenantRequired()
        return configuration.default_tenant_id()
    if any(tenant_id != named[0] for tenant_id in named):
        raise TenantMismatch()
    return named[0]


def tenant_of_slug(slug: str) -> UUID:
    """The tenant that an address names in its path; raises TenantNotFound."""
    return _find(slug)


def _find(value: str) -> UUID:
    is_slug = _SLUG.fullmatch(value) is not None
    tenant_id = configuration.find_tenant_id(value.lower()) if is_slug else None
    if tenant_id is None:
        tenant_id = _as_known_id(value)
    if tenant_id is None:
        raise TenantNotFound(details={"tenant": value[:64]})
    return tenant_id


def _as_known_id(value: str) -> UUID | None:
    """`start` answers a tenant's id; whoever sends it back instead of the slug is understood."""
    try:
        tenant_id = UUID(value)
    except ValueError:
        return None
    return configuration.find_tenant_id_by_id(tenant_id)


def _subdomain(host: str | None) -> str | None:
    base = settings.BASE_DOMAIN.lower()
    if not base or not host or not host.endswith(f".{base}"):
        return None
    return host.removesuffix(f".{base}")
