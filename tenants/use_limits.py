"""Limits of use that a plan sets: conversations started in a day, messages in a month.

One more is counted in Redis before the transaction that it is for, since no other server is called
inside one, and given back when it comes to nothing. Only hard limits are counted there; tenants
without one pay nothing. The counters are made from what the database says (`register`); while Redis
is away the database is asked each time, and callers at the same moment may go beyond the limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.utils import timezone

from tenants import configuration, metrics, plan_limits, use_counters
from tenants.errors import OverLimit
from tenants.models import Tenant
from tenants.plan_limits import Limit, PlanLimits
from tenants.redis_client import key
from tenants.scope import tenant_scope
from tenants.use_counters import Outcome

DAILY = frozenset({Limit.STARTS})
# Those whose count begins anew with each period.
RESETTING = DAILY | {Limit.MESSAGES, Limit.API_CALLS}
# Counted also where there is no limit: a call leaves no row that could be counted instead.
_ALWAYS = frozenset({Limit.API_CALLS})
_NO_CEILING = 2**53
_KEEP = timedelta(hours=1)
_KEEP_CALLS = timedelta(days=40)
WARNING_PERCENT = 80
_SENTENCES = {
    Limit.STARTS: "No more conversations can be started at the moment.",
    Limit.MESSAGES: "No more messages can be taken at the moment.",
    Limit.ACTIVE_CONVERSATIONS: "No more conversations can be started at the moment.",
    Limit.STORAGE_BYTES: "There is no room for more files at the moment.",
    Limit.API_CALLS: "Your plan allows no more API calls this month.",
}

for _limit in Limit:
    # An alert sees an increase only of a series that was there before.
    metrics.OVER_LIMIT.labels(_limit.value)


@dataclass(frozen=True, slots=True)
class Period:
    """The day or month, in UTC, that a limit is about."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, limit: Limit, now: datetime) -> "Period":
        """The one that is running; a month for what is not counted anew."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if limit in DAILY:
            return cls(day, day + timedelta(days=1))
        month = day.replace(day=1)
        return cls(month, (month + timedelta(days=32)).replace(day=1))


class Provider(Protocol):
    """Who knows what tenants have used; asked in the tenant's scope."""

    def used(self, tenant: Tenant, limit: Limit, period: Period) -> int:
        """How much is used of it."""
        ...

    def crossed_at(self, tenant: Tenant, limit: Limit, period: Period) -> datetime | None:
        """When that came to the limit; None before."""
        ...


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Name who knows what tenants have used."""
    _providers[:] = [provider]


@dataclass(slots=True)
class Room:
    """Room for one more of something, or the reason why there is none."""

    limit: Limit
    # Up to how many the plan lets them go, as it was known when this was counted.
    ceiling: int | None = None
    refusal: OverLimit | None = None
    is_used: bool = False

    def take(self, tenant: Tenant | None = None) -> None:
        """Use it; raises OverLimit where there is none.

        Called where it is certain that it is one more, and not the same once again. In a scope,
        its tenant says what the plan allows by now.
        """
        if tenant is not None and self.refusal is None:
            self._look_again(tenant)
        if self.refusal is not None:
            metrics.OVER_LIMIT.labels(self.refusal.limit_name).inc()
            raise self.refusal
        self.is_used = True

    def _look_again(self, tenant: Tenant) -> None:
        """The plan may have become smaller since this process last knew it."""
        ceiling = plan_limits.of(tenant).ceiling(self.limit)
        if ceiling is None or (self.ceiling is not None and self.ceiling <= ceiling):
            return
        refusal = _refusal(tenant, self.limit)
        if (refusal.used or 0) >= ceiling:
            self.refusal = refusal


@contextmanager
def room_for(tenant_id: UUID, limit: Limit, *, is_refusable: bool = True) -> Iterator[Room]:
    """Room for one more, before the transaction that it is for; given back unless it is used.

    A plan that has become larger is noticed at once, since before a refusal the plan is read anew;
    one that has become smaller, within the transaction. What is not refusable is counted only.
    """
    tenant = configuration.find_cached_tenant(tenant_id)
    if tenant is None:
        tenant = _read(tenant_id)
    name, answer = _ask(tenant, limit, is_refusable=is_refusable)
    if answer is Outcome.FULL:
        tenant = _read(tenant_id)
        name, answer = _ask(tenant, limit)
    room = Room(limit, plan_limits.of(tenant).ceiling(limit))
    if answer is Outcome.FULL:
        with tenant_scope(tenant_id) as scoped:
            room.refusal = _refusal(scoped, limit)
    try:
        yield room
    except BaseException:
        _give_back(name, answer)
        raise
    if not room.is_used:
        _give_back(name, answer)


def require_below(tenant: Tenant, limit: Limit, *, used: int, more: int = 1) -> None:
    """Make sure that so many more fit, of what is counted by a look at the rows themselves.

    Call it in the tenant's scope, while it is held. Raises OverLimit.
    """
    limits = plan_limits.read(tenant)
    ceiling = limits.ceiling(limit)
    if ceiling is None or used + more <= ceiling:
        return
    period = Period.of(limit, timezone.now())
    if not _is_over(tenant, limit, limits, period):
        return
    metrics.OVER_LIMIT.labels(limit.value).inc()
    raise OverLimit(_SENTENCES[limit], name=limit.value, limit=limits.counts[limit], used=used)


def is_hard(tenant: Tenant, limit: Limit) -> bool:
    """Whether the plan refuses beyond this limit; for a tenant that a scope has yielded."""
    return plan_limits.of(tenant).ceiling(limit) is not None


def take_api_call(tenant_id: UUID, *, is_refusable: bool) -> None:
    """Count a call of the tenant's own server; raises OverLimit for one that is refusable."""
    with room_for(tenant_id, Limit.API_CALLS, is_refusable=is_refusable) as room:
        room.take()


def counted(tenant_id: UUID, limit: Limit, moment: datetime) -> int | None:
    """How much is counted in Redis for the period of that moment; None when nothing is."""
    return use_counters.read(_name(tenant_id, limit, Period.of(limit, moment)))


def usage_headers(tenant: Tenant) -> dict[str, str]:
    """`X-Usage-<limit>: used/limit` for each limit of which 80 percent are used, in a scope."""
    now, headers = timezone.now(), {}
    for limit, allowed in plan_limits.of(tenant).counts.items():
        used = _providers[0].used(tenant, limit, Period.of(limit, now))
        if used * 100 >= allowed * WARNING_PERCENT:
            headers[f"X-Usage-{limit.value}"] = f"{used}/{allowed}"
    return headers


def recount(tenant_id: UUID) -> None:
    """Have what the tenant uses counted anew, after its limits have changed."""
    now = timezone.now()
    anew = RESETTING - _ALWAYS
    use_counters.forget([_name(tenant_id, limit, Period.of(limit, now)) for limit in anew])


def _read(tenant_id: UUID) -> Tenant:
    with tenant_scope(tenant_id) as tenant:
        return tenant


def _ask(tenant: Tenant, limit: Limit, *, is_refusable: bool = True) -> tuple[str, Outcome | None]:
    """Count one more; None where it is not counted."""
    limits = plan_limits.of(tenant)
    ceiling = limits.ceiling(limit) if is_refusable else None
    if ceiling is None and limit in _ALWAYS:
        ceiling = _NO_CEILING
    if ceiling is None:
        return "", None
    period = Period.of(limit, timezone.now())
    name = _name(tenant.pk, limit, period)
    grace = limits.grace_seconds
    answer = use_counters.take(name, ceiling=ceiling, grace_seconds=grace).outcome
    if answer in (Outcome.MISSING, Outcome.UNKNOWN):
        with tenant_scope(tenant.pk) as scoped:
            used = _providers[0].used(scoped, limit, period)
            crossed_at = _providers[0].crossed_at(scoped, limit, period)
        if answer is Outcome.MISSING:
            keep = _KEEP_CALLS if limit in _ALWAYS else _KEEP
            use_counters.begin(name, used=used, crossed_at=crossed_at, keep=keep)
            answer = use_counters.take(name, ceiling=ceiling, grace_seconds=grace).outcome
        if answer in (Outcome.MISSING, Outcome.UNKNOWN):
            has_grace = grace > 0 and _is_recent(crossed_at, grace)
            return "", None if used < ceiling or has_grace else Outcome.FULL
    return name, answer


def _is_recent(crossed_at: datetime | None, grace_seconds: int) -> bool:
    return crossed_at is None or timezone.now() - crossed_at < timedelta(seconds=grace_seconds)


def _is_over(tenant: Tenant, limit: Limit, limits: PlanLimits, period: Period) -> bool:
    """Whether no grace is left."""
    if not limits.grace_seconds:
        return True
    crossed_at = _providers[0].crossed_at(tenant, limit, period)
    return not _is_recent(crossed_at, limits.grace_seconds)


def _refusal(tenant: Tenant, limit: Limit) -> OverLimit:
    period = Period.of(limit, timezone.now())
    return OverLimit(
        _SENTENCES[limit],
        name=limit.value,
        limit=plan_limits.of(tenant).counts.get(limit),
        used=_providers[0].used(tenant, limit, period),
        resets_at=period.end,
    )


def _give_back(name: str, answer: Outcome | None) -> None:
    if answer is Outcome.TAKEN:
        use_counters.give_back(name)


def _name(tenant_id: UUID, limit: Limit, period: Period) -> str:
    return key("use", tenant_id, limit.value, f"{period.begin:%Y-%m-%d}")
