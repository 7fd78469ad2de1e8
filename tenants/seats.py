"""How many people and keys a tenant has, for those who compare it with a limit."""

from django.utils import timezone

from tenants import gauges
from tenants.api_keys import selectors as api_keys
from tenants.invitations import selectors as invitations
from tenants.models import Tenant
from tenants.plan_limits import Limit


def register() -> None:
    """Name what counts seats."""
    gauges.register(Limit.MEMBERS, _members)
    gauges.register(Limit.API_KEYS, _api_keys)


def _members(tenant: Tenant) -> int:
    return invitations.count_seats(tenant=tenant)


def _api_keys(tenant: Tenant) -> int:
    return api_keys.list_lasting(tenant=tenant, moment=timezone.now()).count()
