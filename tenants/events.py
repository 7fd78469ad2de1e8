"""What has happened to a tenant."""

from dataclasses import dataclass

from kernel.events import Event
from tenants.models import Tenant
from tenants.plan_limits import Limit


@dataclass(frozen=True, slots=True)
class TenantStatusChanged(Event):
    """The tenant is switched off, or on again; `status` is the new one."""

    tenant: Tenant
    status: Tenant.Status


@dataclass(frozen=True, slots=True)
class LimitReached(Event):
    """The tenant has come to so many percent of what its plan allows; once in a limit's period."""

    tenant: Tenant
    limit: Limit
    percent: int
    used: int
    allowed: int
    # Names the period, such as `2026-11-01`.
    period: str
