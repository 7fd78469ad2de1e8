"""What has happened to a tenant."""

from dataclasses import dataclass

from kernel.events import Event
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class TenantStatusChanged(Event):
    """The tenant is switched off, or on again; `status` is the new one."""

    tenant: Tenant
    status: Tenant.Status
