"""What a tenant's plan allows: a port, answered by the app that sells plans.

The limits come with the tenant's configuration, so that the hot paths never ask for them. Without
a provider, or for a tenant without a plan, there is no such limit.

A plan that names a bucket is a ceiling: the tenant's own settings, and its keys' own limits, may be
stricter and never looser, since the tenant can change those itself. Who is to have more gets
another plan.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tenants.models import Tenant


class Limit(StrEnum):
    """Things that a plan counts."""

    MEMBERS = "max_members"
    AGENTS = "max_agents"
    API_KEYS = "max_api_keys"
    BOTS = "max_bots"
    STARTS = "max_starts_per_day"
    MESSAGES = "max_messages_per_month"
    ACTIVE_CONVERSATIONS = "max_active_conversations"
    STORAGE_BYTES = "max_storage_bytes"
    API_CALLS = "max_api_calls_per_month"


# People and things that a tenant's own people add: always refused beyond the plan's number.
SEATS = frozenset({Limit.MEMBERS, Limit.AGENTS, Limit.API_KEYS, Limit.BOTS})
GRACE_SECONDS = 3 * 86_400


class Grace(StrEnum):
    """How far beyond a hard limit a tenant is still served."""

    NONE = "none"
    TEN_PERCENT = "ten_percent"
    THREE_DAYS = "three_days"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many points in so many seconds; 0 points: no limit."""

    points: int
    duration_seconds: int

    def cap_points(self, points: int | None) -> int:
        """How many points hold when somebody has chosen this number; None: nobody has."""
        if points is None or self.points == 0:
            return self.points if points is None else points
        return min(points or self.points, self.points)

    def cap_seconds(self, seconds: float | None) -> float:
        """How long the window is when somebody has chosen this length; None: nobody has."""
        if seconds is None or self.points == 0:
            return self.duration_seconds if seconds is None else seconds
        return max(seconds, self.duration_seconds)


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """A plan's limits. What is not named is not limited by it."""

    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict)
    counts: Mapping[Limit, int] = field(default_factory=dict)
    # From this moment on the tenant's customers can only read; None: never.
    read_only_from: datetime | None = None
    # Those of use that refuse; the others only warn.
    hard: frozenset[Limit] = frozenset()
    grace: Grace = Grace.NONE

    def ceiling(self, limit: Limit) -> int | None:
        """From how many on one more is refused; None where nothing is."""
        allowed = self.counts.get(limit)
        if allowed is None or limit not in self.hard:
            return None
        return allowed + allowed // 10 if self.grace is Grace.TEN_PERCENT else allowed

    @property
    def grace_seconds(self) -> int:
        """How long one more is served beyond the ceiling."""
        return GRACE_SECONDS if self.grace is Grace.THREE_DAYS else 0

    def cap_setting(self, key: str, value: object) -> object:
        """The value that holds for a setting when the tenant has chosen `value`."""
        prefix, _, rest = key.partition(".")
        bucket, _, what = rest.partition(".")
        plan = self.rate_limits.get(bucket) if prefix == "rl" else None
        if plan is None or not (value is None or isinstance(value, int)):
            return value
        if what == "points":
            return plan.cap_points(value)
        return math.ceil(plan.cap_seconds(value))


NO_PLAN = PlanLimits()
Provider = Callable[[Tenant], PlanLimits]


def register(provider: Provider) -> None:
    """Name who knows the tenants' plans; asked in the scope of the tenant."""
    _providers[:] = [provider]


def read(tenant: Tenant) -> PlanLimits:
    """What the tenant's plan allows, as the database says now; call it in the tenant's scope."""
    return _providers[0](tenant) if _providers else NO_PLAN


def of(tenant: Tenant) -> PlanLimits:
    """The same as of the tenant's configuration, without a query, also outside its scope.

    Only for a tenant that a scope has yielded.
    """
    limits: PlanLimits = tenant.__dict__["plan_limits"]
    return limits


_providers: list[Provider] = []
