"""Rate limits: all dimensions of one request in one Redis round trip.

A bucket allows so many points in a window that starts with its first hit. A request either takes a
point in every dimension or, refused, in none. While Redis is away each process counts for itself,
so a flood still ends, at up to (number of processes) times the limit.

Whoever goes on asking while refused waits longer the next time: when more than `_PATIENCE` times a
window's points were refused in it, the wait after the next exhausted window doubles, and so on up
to sixteenfold, until a window has passed without a refusal. It is never prolonged once it has been
told, so whoever heeds `Retry-After` is served afterwards. (An address can be a whole school: its
people do not know of each other's refusals, which is why a few are no offence.)

A bucket's limit is the tenant's own setting, else its plan's, else the platform's; what the plan
names is also the most that the tenant's settings and keys can get: see tenants/plan_limits.py.
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

from kernel.errors import RateLimited
from tenants import configuration, metrics, plan_limits
from tenants.redis_client import key, redis_client
from tenants.settings import specs

logger = structlog.get_logger(__name__)

# Refusals of a window that are understandable, as a multiple of its points.
_PATIENCE = 3
_MAX_DOUBLINGS = 4
# A day's window must not become half a month.
_MAX_PROLONGATION_MS = 3_600_000
# Not `history`: yesterday's widget drops its conversation when the call is refused. Not the
# webhook: Telegram has its own patience. Not an account's sign-ins: others can use them up.
_BACKS_OFF = frozenset({"start", "send", "api_key", "rename", "locale", "sign_in_address"})

# Per dimension two keys, the counter and the offences (a hash of `refused` in this window and
# `level`), and three arguments: points, milliseconds, and 1 where repeated offences count.
_TAKE_ALL = f"""
local dimensions = #KEYS / 2
for i = 1, dimensions do
  local counter, offences = KEYS[i * 2 - 1], KEYS[i * 2]
  local points, window = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1])
  if tonumber(redis.call('GET', counter) or '0') >= points then
    local left = redis.call('PTTL', counter)
    if left < 0 then
      left = window
      redis.call('PEXPIRE', counter, left)
    end
    if ARGV[i * 3] == '1' then
      local refused = redis.call('HINCRBY', offences, 'refused', 1)
      local level = tonumber(redis.call('HGET', offences, 'level') or '0')
      if refused == 1 and level > 0 then
        left = left + math.min(window * (2 ^ level - 1), {_MAX_PROLONGATION_MS})
        redis.call('PEXPIRE', counter, left)
      end
      if refused == points * {_PATIENCE} + 1 and level < {_MAX_DOUBLINGS} then
        redis.call('HINCRBY', offences, 'level', 1)
      end
      redis.call('PEXPIRE', offences, left + window)
    end
    return {{i, left}}
  end
end
for i = 1, dimensions do
  if redis.call('INCR', KEYS[i * 2 - 1]) == 1 then
    redis.call('PEXPIRE', KEYS[i * 2 - 1], ARGV[i * 3 - 1])
    redis.call('HDEL', KEYS[i * 2], 'refused')
  end
end
return {{0, 0}}
"""

_GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
"""

_MAX_LOCAL_WINDOWS = 50_000
# After a failure Redis is left alone so long, lest every request wait for its timeout.
_PAUSE_SECONDS = 1.0

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
    limited = [(dimension, *_limit_of(tenant_id, dimension)) for dimension in dimensions]
    limited = [entry for entry in limited if entry[1] > 0]
    if not limited:
        return
    whose = tenant_id or "platform"
    keys = [
        key(kind, d.counter or d.bucket, whose, d.subject)
        for d, _, _ in limited
        for kind in ("rl", "rl-offences")
    ]
    arguments = [
        number
        for d, points, seconds in limited
        for number in (points, round(seconds * 1000), int(d.bucket in _BACKS_OFF))
    ]
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


def give_back(tenant_id: UUID | None, dimensions: Sequence[Dimension]) -> None:
    """Return the points of a request that has turned out to be welcome."""
    whose = tenant_id or "platform"
    names = [key("rl", d.counter or d.bucket, whose, d.subject) for d in dimensions]
    _local.give_back(names)
    if time.monotonic() < _redis_paused_until:
        return
    try:
        for name in names:
            # A window that has ended meanwhile must not begin with a debt, nor without an end.
            redis_client().eval(_GIVE_BACK, 1, name)
    except redis.RedisError as error:
        logger.warning("redis_away", used_for="rate limits", error=type(error).__name__)


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


@dataclass(slots=True)
class _Offences:
    """What one subject has done while it was refused."""

    refused: int = 0
    level: int = 0
    forgotten_at: float = 0.0


class _LocalCounters:
    """The fallback while Redis is away: the same windows in this process's memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}
        self._offences: dict[str, _Offences] = {}

    def take(self, keys: list[str], arguments: list[int]) -> tuple[int, int]:
        now = time.monotonic()
        dimensions = range(len(keys) // 2)
        with self._lock:
            self._make_room()
            for index in dimensions:
                points, window, backs_off = arguments[index * 3 : index * 3 + 3]
                counter, offences = keys[index * 2 : index * 2 + 2]
                used, ends = self._windows.get(counter, (0, 0.0))
                if ends <= now or used < points:
                    continue
                if backs_off:
                    ends = self._refuse_repeatedly(offences, now, ends, points, window)
                    self._windows[counter] = used, ends
                return index + 1, int((ends - now) * 1000)
            for index in dimensions:
                counter, offences = keys[index * 2 : index * 2 + 2]
                used, ends = self._windows.get(counter, (0, 0.0))
                if ends <= now:
                    used, ends = 0, now + arguments[index * 3 + 1] / 1000
                    if offences in self._offences:
                        self._offences[offences].refused = 0
                self._windows[counter] = used + 1, ends
        return 0, 0

    def give_back(self, counters: list[str]) -> None:
        with self._lock:
            for counter in counters:
                used, ends = self._windows.get(counter, (0, 0.0))
                if used > 0:
                    self._windows[counter] = used - 1, ends

    def _make_room(self) -> None:
        # Oldest first, and bounded: a flood of new addresses must not fill the memory.
        for kept in (self._windows, self._offences):
            while len(kept) > _MAX_LOCAL_WINDOWS:
                del kept[next(iter(kept))]

    def _refuse_repeatedly(
        self, name: str, now: float, ends: float, points: int, window_ms: int
    ) -> float:
        """Note the refusal; returns when the window ends now."""
        offences = self._offences.get(name)
        if offences is None or offences.forgotten_at <= now:
            offences = self._offences[name] = _Offences()
        offences.refused += 1
        if offences.refused == 1 and offences.level > 0:
            longer = window_ms * (2**offences.level - 1)
            ends += min(longer, _MAX_PROLONGATION_MS) / 1000
        if offences.refused == points * _PATIENCE + 1:
            offences.level = min(offences.level + 1, _MAX_DOUBLINGS)
        offences.forgotten_at = ends + window_ms / 1000
        return ends


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
