"""Rate limits: all dimensions of one request in one Redis round trip.

A bucket allows so many points in a window that starts with its first hit (tenants/rate_windows.py).
A request either takes a point in every dimension or, refused, in none. Repeated refusals prolong
the wait. (An address can be a whole school: its people do not know of each other's refusals, which
is why a few are no offence.)

A bucket's limit is the tenant's own setting, else its plan's, else the platform's; what the plan
names is also the most that the tenant's settings and keys can get: see tenants/plan_limits.py.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings

from kernel.errors import RateLimited
from kernel.http import counted_network
from tenants import configuration, metrics, plan_limits
from tenants.rate_windows import FixedWindows, Window
from tenants.redis_client import key
from tenants.settings import specs

# Not `history`: yesterday's widget drops its conversation when the call is refused. Not the
# webhook: Telegram repeats at its own pace. Not an account's sign-ins: others can use them up.
_BACKS_OFF = frozenset({"start", "send", "api_key", "rename", "locale", "sign_in_address"})

_windows = FixedWindows("rate_limits")

for _bucket in (*settings.RATE_LIMITS, *settings.PLATFORM_RATE_LIMITS):
    # An alert sees an increase only of a series that was there before.
    metrics.RATE_LIMITED.labels(_bucket)

for _bucket, (_points, _seconds) in settings.RATE_LIMITS.items():
    specs.define(
        f"rl.{_bucket}.points",
        description=f"How many '{_bucket}' requests are allowed in one window; 0 means no limit.",
        default=partial(int, _points),
        validate=specs.integer(minimum=0, maximum=1_000_000),
    )
    specs.define(
        f"rl.{_bucket}.durationSec",
        description=f"Length of the '{_bucket}' window in seconds.",
        default=partial(math.ceil, _seconds),
        validate=specs.integer(minimum=1, maximum=31 * 86_400),
    )


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing to count: which bucket, and whose (an address, a conversation, a key).

    `points` is the subject's own limit, where it has one; 0 means none. Buckets with the same
    `counter` count together what one subject does, each up to its own limit.
    """

    bucket: str
    subject: str
    points: int | None = None
    counter: str = ""


def take(tenant_id: UUID | None, dimensions: Sequence[Dimension]) -> None:
    """Count this request in every dimension; raises RateLimited with the seconds to wait.

    `tenant_id` is None for the platform's own buckets (PLATFORM_RATE_LIMITS), such as sign-ins.
    Limits are the tenant's as this process last knew them, else the platform's: the next request
    after a change may still meet the old figure.
    """
    windows = []
    buckets = []
    for dimension in dimensions:
        points, seconds = _limit_of(tenant_id, dimension)
        if points > 0:
            buckets.append(dimension.bucket)
            windows.append(
                Window(
                    _name("rl", tenant_id, dimension),
                    points,
                    round(seconds * 1000),
                    offences=_name("rl-offences", tenant_id, dimension)
                    if dimension.bucket in _BACKS_OFF
                    else "",
                )
            )
    refusal = _windows.take(windows) if windows else None
    if refusal is not None:
        bucket = buckets[refusal.position]
        count_refusal(bucket)
        raise refused(bucket, max(1, -(-refusal.milliseconds // 1000)))


def refused(bucket: str, wait_seconds: int) -> RateLimited:
    """What a caller is told who has to wait."""
    return RateLimited(
        f"Too many requests. Please try again in {wait_seconds} s.",
        retry_after_seconds=wait_seconds,
        bucket=bucket,
    )


def take_for_address(bucket: str, address: str | None) -> None:
    """Count a call from an address in a bucket of PLATFORM_RATE_LIMITS; raises RateLimited.

    The own address of a trusted proxy is not counted: it stands for everybody behind the proxy, or
    is that of a program, such as a health check, of the operator's. None, for work without a
    caller, is not counted either.
    """
    network = None if address is None else counted_network(address)
    if network is not None:
        take(None, [Dimension(bucket, network)])


def give_back(tenant_id: UUID | None, dimensions: Sequence[Dimension]) -> None:
    """Return the points of a request that has turned out to be welcome."""
    _windows.give_back([_name("rl", tenant_id, dimension) for dimension in dimensions])


def count_refusal(bucket: str) -> None:
    """Count what a limit has refused; for callers that keep their own window."""
    metrics.RATE_LIMITED.labels(bucket).inc()


def limit(tenant_id: UUID, bucket: str) -> tuple[int, float]:
    """How many points a bucket has for the tenant, and in how many seconds; 0 points: no limit."""
    points, seconds = settings.RATE_LIMITS[bucket]
    tenant = configuration.find_cached_tenant(tenant_id)
    if tenant is None:
        return points, seconds
    overrides = tenant.__dict__["setting_overrides"]
    own_points = overrides.get(f"rl.{bucket}.points")
    own_seconds = overrides.get(f"rl.{bucket}.durationSec")
    plan = plan_limits.of(tenant).rate_limits.get(bucket)
    if plan is not None:
        return plan.cap_points(own_points), plan.cap_seconds(own_seconds)
    return (
        points if own_points is None else own_points,
        seconds if own_seconds is None else own_seconds,
    )


def _name(kind: str, tenant_id: UUID | None, dimension: Dimension) -> str:
    return key(
        kind, dimension.counter or dimension.bucket, tenant_id or "platform", dimension.subject
    )


def _limit_of(tenant_id: UUID | None, dimension: Dimension) -> tuple[int, float]:
    if tenant_id is None:
        points, seconds = settings.PLATFORM_RATE_LIMITS[dimension.bucket]
        return (points if dimension.points is None else dimension.points), seconds
    points, seconds = limit(tenant_id, dimension.bucket)
    if dimension.points is None:
        return points, seconds
    tenant = configuration.find_cached_tenant(tenant_id)
    plan = plan_limits.of(tenant).rate_limits.get(dimension.bucket) if tenant else None
    return (dimension.points if plan is None else plan.cap_points(dimension.points)), seconds
