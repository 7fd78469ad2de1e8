"""Which tenant a request is for: the one place that reads the hints.

The first hint wins: a token, an API key, `?t=`, `X-Tenant-ID`, a widget key, the subdomain, and
without any the default tenant. A later one that names another tenant is refused, so that a confused
page or a crafted link cannot mix two tenants, and one that names nobody is refused wherever it
stands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from kernel import context
from kernel.http import address_of
from tenants import configuration, unknown_names
from tenants.api_keys import authentication
from tenants.errors import TenantMismatch, TenantNotFound, TenantRequired
from tenants.widget_keys import is_widget_key

# As Tenant.slug: what is no slug is not looked up (a NUL, say, would be refused by the database).
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,63}")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a request says about its tenant, beside a conversation's token."""

    api_key: str | None = field(default=None, repr=False)
    query_slug: str | None = None
    header: str | None = None
    query_widget_key: str | None = None
    header_widget_key: str | None = None
    host: str | None = None
    # The caller's, for which wrong API keys and unknown names are counted.
    address: str | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        *,
        query: "Mapping[str, list[str]]",
        headers: Mapping[str, str],
        address: str | None,
    ) -> "Hints":
        """From the query (`t`, `k`) and the headers: an API key, `X-Tenant-ID`, `X-Widget-Key` and
        `Host`.

        `query` has all values of a name, and `headers` are asked for lower-case names. `address` is
        the caller's, and may be None where no API key is among the headers or counts. Raises
        Unauthorized for two different API keys, and TenantMismatch for a name of the query that
        has two values: whoever reads the first and whoever reads the last would not agree.
        """
        return cls(
            api_key=authentication.recognisable_key(headers),
            query_slug=_the_one(query.get("t", [])),
            header=headers.get("x-tenant-id") or None,
            query_widget_key=_the_one(query.get("k", [])),
            header_widget_key=headers.get("x-widget-key") or None,
            host=headers.get("host", "").partition(":")[0].rstrip(".").lower(),
            address=address,
        )

    @classmethod
    def of_request(cls, request: HttpRequest) -> "Hints":
        """`of` a whole request, an API key and the caller's address included."""
        return cls.of(
            query=dict(request.GET.lists()), headers=request.headers, address=address_of(request)
        )

    def without_api_key(self) -> "Hints":
        """The same, for where the key has been dealt with or must not count."""
        return replace(self, api_key=None)


def resolve(hints: Hints, *, from_token: UUID | None = None, may_default: bool = True) -> UUID:
    """The tenant's id. Call it outside of any scope.

    `from_token` is the tenant that credentials have proved: a token, a key or a webhook's secret.
    Raises TenantNotFound for a hint that names nobody, InvalidApiKey, RateLimited for an address
    with too many of either, TenantMismatch
    for two hints that disagree, and TenantRequired when there is none and either `may_default` is
    off (only v1 calls mean the default tenant) or FEATURE_TENANT_CONTEXT_ENFORCED is on.
    """
    named = [from_token] if from_token is not None else []
    if hints.api_key is not None:
        principal = authentication.authenticate_key(hints.api_key, address=hints.address)
        named.append(principal.tenant_id)
    slugs = (hints.query_slug, hints.header)
    named += [_find(value, hints.address) for value in slugs if value]
    widget_keys = (hints.query_widget_key, hints.header_widget_key)
    named += [_find_by_widget_key(key, hints.address) for key in widget_keys if key]
    subdomain = _subdomain(hints.host)
    if subdomain is not None:
        named.append(_find(subdomain, hints.address))
    if not named:
        if settings.FEATURE_TENANT_CONTEXT_ENFORCED or not may_default:
            raise TenantRequired()
        named.append(configuration.default_tenant_id())
    if any(tenant_id != named[0] for tenant_id in named):
        raise TenantMismatch()
    # Before anything is read for it: a request that a limit refuses belongs to a tenant, too.
    context.note(tenant_id=str(named[0]))
    return named[0]


def tenant_in_path(name: str, *, address: str | None) -> UUID:
    """The tenant that an address names in its path, by slug or widget key; raises TenantNotFound.

    A page that has only the key must find the tenant's texts, too. `address` is the caller's.
    Raises RateLimited as `resolve` does.
    """
    return _find_by_widget_key(name, address) if is_widget_key(name) else _find(name, address)


def _the_one(values: list[str]) -> str | None:
    different = {value for value in values if value}
    if len(different) > 1:
        raise TenantMismatch()
    return next(iter(different), None)


def _find(value: str, address: str | None) -> UUID:
    tenant_id = unknown_names.look_up(value, partial(_named, value), address=address)
    if tenant_id is None:
        raise TenantNotFound(details={"tenant": value[:64]})
    return tenant_id


def _named(value: str) -> UUID | None:
    is_slug = _SLUG.fullmatch(value) is not None
    tenant_id = configuration.find_tenant_id(value.lower()) if is_slug else None
    return _as_known_id(value) if tenant_id is None else tenant_id


def _find_by_widget_key(value: str, address: str | None) -> UUID:
    find = partial(configuration.find_tenant_id_by_widget_key, value)
    tenant_id = unknown_names.look_up(value, find, address=address)
    if tenant_id is None:
        raise TenantNotFound(details={"widget_key": value[:64]})
    return tenant_id


def _as_known_id(value: str) -> UUID | None:
    """`start` answers a tenant's id; it is understood in place of the slug."""
    try:
        tenant_id = UUID(value)
    except ValueError:
        return None
    return configuration.find_tenant_id_by_id(tenant_id)


def _subdomain(host: str | None) -> str | None:
    base = settings.BASE_DOMAIN.lower()
    if not base or not host or not host.endswith(f".{base}"):
        return None
    if host == urlsplit(settings.PUBLIC_ORIGIN).hostname:
        # The product's own address may lie in its domain, and is no tenant's.
        return None
    return host.removesuffix(f".{base}")
