"""How far tenants are from their limits, and telling them at 80 and at 100 percent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from billing import metrics
from billing.metering.totals import Totals
from billing.models import LimitOverride, LimitReached, Subscription
from kernel import events
from kernel.database import is_outage
from tenants import events as tenant_events
from tenants import plan_limits
from tenants.models import Tenant
from tenants.plan_limits import SEATS, Limit
from tenants.scope import platform_scope, tenant_scope
from tenants.use_limits import RESETTING, WARNING_PERCENT, Period

logger = structlog.get_logger(__name__)

FULL_PERCENT = 100
_TOTALS = Totals()
# The month that is running, and the one before, whose crossing may go on.
_MAX_PERIODS = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """A limit, and how much of it is used. `allowed` None: as much as they like."""

    limit: Limit
    allowed: int | None
    used: int
    is_hard: bool
    resets_at: datetime | None

    @property
    def percent(self) -> int:
        """How much of it is used, rounded down; 0 without a limit."""
        if self.allowed is None:
            return 0
        return 100 if self.allowed == 0 else self.used * 100 // self.allowed

    @property
    def is_near(self) -> bool:
        """Whether the tenant is told."""
        return self.allowed is not None and self.percent >= WARNING_PERCENT


def statuses_of(tenant: Tenant, *, only_limited: bool = False) -> list[LimitStatus]:
    """Every limit, or those that the tenant has; for a tenant that a scope has yielded."""
    limits, now = plan_limits.of(tenant), timezone.now()
    found = []
    for limit in Limit:
        allowed = limits.counts.get(limit)
        if only_limited and allowed is None:
            continue
        period = Period.of(limit, now)
        found.append(
            LimitStatus(
                limit=limit,
                allowed=allowed,
                used=_TOTALS.used(tenant, limit, period),
                is_hard=limit in SEATS or limit in limits.hard,
                resets_at=period.end if limit in RESETTING else None,
            )
        )
    return found


def near_limits(tenant: Tenant) -> list[LimitStatus]:
    """Those of which 80 percent or more are used, the fullest first."""
    near = [status for status in statuses_of(tenant, only_limited=True) if status.is_near]
    return sorted(near, key=lambda status: -status.percent)


def note_reached() -> int:
    """Note who has come to a limit, and tell them; returns how often that was news."""
    with platform_scope("limits of plans"):
        tenants = set(Subscription.objects.values_list("tenant_id", flat=True))
        tenants |= set(LimitOverride.objects.values_list("tenant_id", flat=True))
    noted = 0
    for tenant_id in sorted(tenants):
        try:
            noted += note_reached_by(tenant_id)
        except Exception as error:
            if is_outage(error):
                raise
            logger.exception("limit_check_failed", tenant_id=str(tenant_id))
    return noted


def note_reached_by(tenant_id: UUID) -> int:
    """The same for one tenant, in a transaction: it is noted and told, or neither."""
    with tenant_scope(tenant_id) as tenant:
        now = timezone.now()
        return sum(
            _note(tenant, status, percent, Period.of(status.limit, now))
            for status in near_limits(tenant)
            for percent in (WARNING_PERCENT, FULL_PERCENT)
            if status.percent >= percent
        )


def forget_changed(tenant: Tenant) -> None:
    """Of limits that have another number now, nothing is noted as reached, in the scope.

    So the tenant is told of the new one, and has its whole grace.
    """
    allowed = {limit.value: number for limit, number in plan_limits.read(tenant).counts.items()}
    running = LimitReached.objects.filter(
        tenant=tenant, period__gte=timezone.now().date() - _MAX_PERIODS
    )
    stale = [row.pk for row in running if allowed.get(row.limit) != row.allowed]
    if stale:
        LimitReached.objects.filter(tenant=tenant, pk__in=stale).delete()


def _note(tenant: Tenant, status: LimitStatus, percent: int, period: Period) -> bool:
    """False when that was noted before in this period."""
    assert status.allowed is not None
    _, is_news = LimitReached.objects.get_or_create(
        tenant=tenant,
        limit=status.limit.value,
        period=period.begin.date(),
        percent=percent,
        defaults={"used": status.used, "allowed": status.allowed},
    )
    if is_news:
        metrics.LIMITS_REACHED.labels(status.limit.value, percent).inc()
        logger.info("limit_reached", limit=status.limit.value, percent=percent, used=status.used)
        events.publish(
            tenant_events.LimitReached(
                tenant=tenant,
                limit=status.limit,
                percent=percent,
                used=status.used,
                allowed=status.allowed,
                period=f"{period.begin:%Y-%m-%d}",
            )
        )
    return is_news
