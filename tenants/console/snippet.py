"""The line that a tenant pastes into its website, in two kinds."""

from django.conf import settings

from tenants import widget_build
from tenants.models import Tenant


def snippet_of(tenant: Tenant) -> str:
    """One tag, which works anywhere on a page of an allowed website and follows our upgrades."""
    return _tag(tenant, "")


def pinned_snippet_of(tenant: Tenant) -> str:
    """A tag for this build alone: browsers keep it for a year, and run nothing else.

    After an upgrade that brings another build it has to be replaced.
    """
    checked = f' integrity="{widget_build.integrity()}" crossorigin="anonymous"'
    return _tag(tenant, f"?v={widget_build.version()}", checked)


def _tag(tenant: Tenant, query: str, checked: str = "") -> str:
    address = f"{settings.PUBLIC_ORIGIN}/widget.min.js{query}"
    return f'<script async src="{address}"{checked} data-tenant="{tenant.slug}"></script>'
