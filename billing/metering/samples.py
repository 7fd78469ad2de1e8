"""What is no fact but a number at a moment: the tenant's gauges, and its API calls so far."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from billing.models import Metered, UsageDay, UsageFact
from kernel.database import is_outage
from tenants import gauges, use_limits
from tenants.api_keys.models import ApiKey
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

# A day keeps the most that was seen on it.
_GAUGES = {
    Limit.MEMBERS: Metered.MEMBERS,
    Limit.AGENTS: Metered.AGENTS,
    Limit.API_KEYS: Metered.API_KEYS,
    Limit.BOTS: Metered.BOTS,
    Limit.STORAGE_BYTES: Metered.STORAGE_BYTES,
    Limit.ACTIVE_CONVERSATIONS: Metered.OPEN_CONVERSATIONS,
}
_KEEP_GREATER = """
    INSERT INTO billing_usageday (id, tenant_id, day, kind, quantity)
    VALUES (gen_random_uuid(), %s, %s, %s, %s)
    ON CONFLICT (tenant_id, day, kind) DO UPDATE SET quantity = EXCLUDED.quantity
    WHERE billing_usageday.quantity < EXCLUDED.quantity
"""
# Calls of a day or month that has just ended are still to be written down.
_LATE = timedelta(minutes=30)
_LATELY = timedelta(days=1)


def take_samples() -> int:
    """Write down the gauges and the API calls of those who are in use; returns of how many."""
    since = timezone.now() - _LATELY
    with platform_scope("usage samples"):
        wrote = UsageFact.objects.filter(tenant=OuterRef("pk"), at__gte=since)
        called = ApiKey.objects.filter(tenant=OuterRef("pk"), last_used_at__gte=since)
        in_use = Tenant.objects.filter(Exists(wrote) | Exists(called))
        tenants: list[UUID] = list(in_use.order_by("pk").values_list("pk", flat=True))
    for tenant_id in tenants:
        try:
            take_sample(tenant_id)
        except Exception as error:
            if is_outage(error):
                raise
            # The others are sampled all the same.
            logger.exception("usage_sample_failed", tenant_id=str(tenant_id))
    return len(tenants)


def take_sample(tenant_id: UUID) -> None:
    """The same for one tenant."""
    now = timezone.now()
    calls = {
        moment: use_limits.counted(tenant_id, Limit.API_CALLS, moment)
        for moment in (now - _LATE, now)
    }
    with tenant_scope(tenant_id) as tenant:
        for limit, kind in _GAUGES.items():
            _keep_greater(tenant, now, kind, gauges.read(tenant, limit))
        for moment, counted in calls.items():
            if counted is not None:
                _keep_calls(tenant, moment, counted)


def _keep_calls(tenant: Tenant, moment: datetime, counted_in_month: int) -> None:
    """What the month has more than its other days is this day's."""
    day = moment.astimezone(UTC).date()
    others = UsageDay.objects.filter(
        tenant=tenant, kind=Metered.API_CALLS, day__gte=day.replace(day=1), day__lt=day
    )
    before: int = others.aggregate(total=Sum("quantity", default=0))["total"]
    _keep_greater(tenant, moment, Metered.API_CALLS, counted_in_month - before)


def _keep_greater(tenant: Tenant, moment: datetime, kind: Metered, quantity: int) -> None:
    if quantity <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_GREATER, [tenant.pk, moment.astimezone(UTC).date(), kind.value, quantity]
        )
