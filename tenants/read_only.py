"""Refusing what a tenant's customers would add while the tenant has not paid.

Agents are never refused: a conversation that runs can be brought to its end.
"""

from django.utils import timezone

from tenants import plan_limits
from tenants.errors import TenantReadOnly
from tenants.models import Tenant


def require_writable(tenant: Tenant) -> None:
    """Raise TenantReadOnly while customers can only read.

    It costs no query: when that begins comes with the tenant's configuration.
    """
    begins = plan_limits.of(tenant).read_only_from
    if begins is not None and begins <= timezone.now():
        raise TenantReadOnly(tenant_id=tenant.pk)
