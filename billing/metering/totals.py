"""How much a tenant has used: what is added up already, and what has come since.

Roll-ups lag by minutes, so what they do not say for sure yet is counted from the facts.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from billing.models import LimitReached, Metered, UsageDay, UsageFact, UsageHour
from tenants import gauges
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.use_limits import DAILY, RESETTING, Period

# The hours before it are complete: they were counted at least once after they had ended.
_UNSURE = timedelta(hours=1)
# Beat looks each minute; it may have stood still for a while.
_NOTED_WITHIN = timedelta(hours=1)
# To the beginning of the month before.
_LOOK_BACK = timedelta(days=31)
_OF_FACTS = {
    Limit.STARTS: Metered.CONVERSATIONS_STARTED,
    Limit.MESSAGES: Metered.CUSTOMER_MESSAGES,
}


class Totals:
    """What limits of use compare with; asked in the tenant's scope."""

    def used(self, tenant: Tenant, limit: Limit, period: Period) -> int:
        """How much is used of what the limit is about."""
        if limit in _OF_FACTS:
            return used_since(tenant=tenant, kind=_OF_FACTS[limit], begin=period.begin)
        if limit == Limit.API_CALLS:
            return _sum(
                UsageDay.objects.filter(
                    tenant=tenant, kind=Metered.API_CALLS, day__gte=period.begin.date()
                )
            )
        return gauges.read(tenant, limit)

    def crossed_at(self, tenant: Tenant, limit: Limit, period: Period) -> datetime | None:
        """Since when it has been beyond the limit, as far as that was noted; None: it was not.

        Of what begins anew each day, the first of the days in a row that came to it. What is never
        counted anew goes on across the end of a month, where it was beyond as the month began.
        """
        begin = period.begin.date()
        rows = LimitReached.objects.filter(
            tenant=tenant,
            limit=limit.value,
            period__range=(begin - _LOOK_BACK, begin),
            percent=100,
        )
        noted: dict[date, datetime] = dict(rows.values_list("period", "at"))
        at = noted.get(begin)
        if limit in DAILY:
            day = begin - timedelta(days=1)
            while day in noted:
                at, day = noted[day], day - timedelta(days=1)
        elif limit not in RESETTING and (at or timezone.now()) - period.begin < _NOTED_WITHIN:
            before = Period.of(limit, period.begin - timedelta(days=1)).begin.date()
            at = noted.get(before, at)
        return at


def used_since(*, tenant: Tenant, kind: Metered, begin: datetime) -> int:
    """How much of a kind of fact there is from a full hour on."""
    sure = _sure_until(tenant)
    hours = UsageHour.objects.filter(tenant=tenant, kind=kind, hour__gte=begin, hour__lt=sure)
    facts = UsageFact.objects.filter(tenant=tenant, kind=kind, at__gte=max(begin, sure))
    return _sum(hours) + _sum(facts)


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """One day in UTC, with how much there was of each kind."""

    day: date
    used: dict[Metered, int]


def days_between(*, tenant: Tenant, first: date, last: date) -> list[DayOfUse]:
    """Every day from the first to the last one, oldest first, also those without any use."""
    used: dict[date, dict[Metered, int]] = defaultdict(dict)
    for row in UsageDay.objects.filter(tenant=tenant, day__gte=first, day__lte=last):
        used[row.day][Metered(row.kind)] = row.quantity
    begin = max(_midnight(first), _midnight(_sure_until(tenant).date()))
    facts = UsageFact.objects.filter(
        tenant=tenant, at__gte=begin, at__lt=_midnight(last + timedelta(days=1))
    ).annotate(day=TruncDate("at", tzinfo=UTC))
    for day, kind, quantity in facts.values_list("day", "kind").annotate(Sum("quantity")):
        used[day][Metered(kind)] = quantity
    written = Q(kind__in=(Metered.CUSTOMER_MESSAGES, Metered.AGENT_MESSAGES))
    active = facts.filter(written).values_list("day")
    for day, quantity in active.annotate(Count("conversation_id", distinct=True)):
        used[day][Metered.ACTIVE_CONVERSATIONS] = quantity
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [DayOfUse(day, used.get(day, {})) for day in days]


def _sure_until(tenant: Tenant) -> datetime:
    # A clock that runs ahead makes hours of the future, which say nothing about those before them.
    hours = UsageHour.objects.filter(tenant=tenant, hour__lte=Now())
    newest: datetime | None = hours.aggregate(newest=Max("hour"))["newest"]
    return datetime(2000, 1, 1, tzinfo=UTC) if newest is None else newest - _UNSURE


def _sum(rows: QuerySet[Any]) -> int:
    total: int = rows.aggregate(total=Sum("quantity", default=0))["total"]
    return total


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
