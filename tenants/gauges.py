"""How many of something a tenant has now: a registry, filled by the apps that have it."""

from collections.abc import Callable

from tenants.models import Tenant
from tenants.plan_limits import Limit

Gauge = Callable[[Tenant], int]
_gauges: dict[Limit, Gauge] = {}


def register(limit: Limit, gauge: Gauge) -> None:
    """Name who counts what a limit is about; called in the tenant's scope."""
    _gauges[limit] = gauge


def read(tenant: Tenant, limit: Limit) -> int:
    """How many there are now."""
    return _gauges[limit](tenant)


def known() -> list[Limit]:
    """The limits that are about what can be counted at any moment."""
    return list(_gauges)
