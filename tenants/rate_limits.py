"""Rate limits: all dimensions of one request in one Redis round trip.

A bucket allows so many points in a window that starts with its first hit. A request either takes a
point in every dimension or, refused, in none. While Redis is away each process counts for itself,
so a flood still ends, at up to (number of processes) times the limit.
"""

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import redis
import structlog
from django.conf import settings

from chatorical.kernel.errors import RateLimited
from tenants import configuration, metrics, setting_specs
from tenants.redis_client import key, redis_client

logger = structlog.get_logger(__name__)

_TAKE_ALL = """
for i, k in ipairs(KEYS) do
  local points = tonumber(ARGV[i * 2 - 1])
  local used = tonumber(redis.call('GET', k) or '0')
  if used >= points then
    local left = redis.call('PTTL', k)
    if left < 0 then left = tonumber(ARGV[i * 2]) end
    return {i, left}
  end
end
for i, k in ipairs(KEYS) do
  if redis.call('INCR', k) == 1 then redis.call('PEXPIRE', k, ARGV[i * 2]) end
end
return {0, 0}
"""

_MAXIMUM_LOCAL_WINDOWS = 50_000
# After a failure Redis is left alone so long, lest every request wait for its timeout.
_PAUSE_SECONDS = 1.0

for _bucket, (_points, _seconds) in settings.RATE_LIMITS.items():
    setting_specs.define(
        f"rl.{_bucket}.points",
        description=f"How many '{_bucket}' requests are allowed in one window; 0 means no limit.",
        default=partial(int, _points),
        validate=setting_specs.integer(minimum=0, maximum=1_000_000),
    )
    setting_specs.define(
        f"rl.{_bucket}.durationSec",
        description=f"Length of the '{_bucket}' window in seconds.",
        default=partial(math.ceil, _seconds),
        validate=setting_specs.integer(minimum=1, maximum=31 * 86_400),
    )


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing to count: which bucket, and whose (an address, a conversation, a key).

    `points` is the subject's own limit, where it has one; 0 means none.
    """

    bucket: str
    subject: str
    points: int | None = None


def take(tenant_id: UUID, dimensions: Sequence[Dimension]) -> None:
    """Count this request in every dimension; raises RateLimited with the seconds to wait.

    Limits are the tenant's as this process last knew them, else the platform's: the next request
    after a change may still meet the old figure.
    """
    limited = [(dimension, *_limit_of(tenant_id, dimension)) for dimension in dimensions]
    limited = [entry for entry in limited if entry[1] > 0]
    if not limited:
        return
    keys = [key("rl", d.bucket, tenant_id, d.subject) for d, _, _ in limited]
    arguments = [n for _, points, seconds in limited for n in (points, round(seconds * 1000))]
    refused, milliseconds = _take(keys, arguments)
    if refused:
        bucket = limited[refused - 1][0].bucket
        count_refusal(bucket)
        wait = max(1, -(-milliseconds // 1000))
        raise RateLimited(
            f"Too many requests. Please try again in {wait} s.",
            retry_after_seconds=wait,
            bucket=bucket,
        )


def count_refusal(bucket: str) -> None:
    """Count what a limit has refused; for callers that keep their own window."""
    metrics.RATE_LIMITED.labels(bucket).inc()


def limit(tenant_id: UUID, bucket: str) -> tuple[int, float]:
    """How many points a bucket has for the tenant, and in how many seconds; 0 points: no limit."""
    points, seconds = settings.RATE_LIMITS[bucket]
    tenant = configuration.find_cached_tenant(tenant_id)
    if tenant is not None:
        overrides = tenant.__dict__["setting_overrides"]
        points = overrides.get(f"rl.{bucket}.points", points)
        seconds = overrides.get(f"rl.{bucket}.durationSec", seconds)
    return points, seconds


def _limit_of(tenant_id: UUID, dimension: Dimension) -> tuple[int, float]:
    points, seconds = limit(tenant_id, dimension.bucket)
    return (points if dimension.points is None else dimension.points), seconds


class _LocalCounters:
    """The fallback while Redis is away: fixed windows in this process's memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}

    def take(self, keys: list[str], arguments: list[int]) -> tuple[int, int]:
        now = time.monotonic()
        with self._lock:
            # Oldest first, and bounded: a flood of new addresses must not fill the memory.
            while len(self._windows) > _MAXIMUM_LOCAL_WINDOWS:
                del self._windows[next(iter(self._windows))]
            for index, name in enumerate(keys):
                used, ends = self._windows.get(name, (0, 0.0))
                if ends > now and used >= arguments[index * 2]:
                    return index + 1, int((ends - now) * 1000)
            for index, name in enumerate(keys):
                used, ends = self._windows.get(name, (0, 0.0))
                if ends <= now:
                    used, ends = 0, now + arguments[index * 2 + 1] / 1000
                self._windows[name] = (used + 1, ends)
        return 0, 0


_local = _LocalCounters()
_redis_paused_until = 0.0


def _take(keys: list[str], arguments: list[int]) -> tuple[int, int]:
    global _redis_paused_until
    if time.monotonic() < _redis_paused_until:
        return _local.take(keys, arguments)
    try:
        refused, milliseconds = _script()(keys=keys, args=arguments)
    except redis.RedisError as error:
        _redis_paused_until = time.monotonic() + _PAUSE_SECONDS
        metrics.REDIS_FAILURES.labels("rate_limits").inc()
        logger.warning("redis_away", used_for="rate limits", error=type(error).__name__)
        return _local.take(keys, arguments)
    return int(refused), int(milliseconds)


def _script() -> redis.commands.core.Script:
    global _registered
    if _registered is None:
        _registered = redis_client().register_script(_TAKE_ALL)
    return _registered


_registered: redis.commands.core.Script | None = None
