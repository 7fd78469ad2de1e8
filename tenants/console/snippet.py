"""The line that a tenant pastes into its website."""

from django.conf import settings

from tenants.models import Tenant


def snippet_of(tenant: Tenant) -> str:
    """One tag, which works anywhere on a page of an allowed website."""
    address = f"{settings.PUBLIC_ORIGIN}/widget.min.js"
    return f'<script async src="{address}" data-tenant="{tenant.slug}"></script>'
