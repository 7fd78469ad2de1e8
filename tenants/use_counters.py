"""How much a tenant has used, counted in Redis: the mechanism below limits of use.

A counter is a hash with how much is `used`, and since when that is beyond the limit (`crossed`).
The caller that finds it missing makes it from the database. It is kept for a while only, so that a
count that has gone wrong, as when a process dies between count and commit, does not stay.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import redis
from redis.commands.core import Script

from tenants.redis_client import Breaker, redis_client

_breaker = Breaker("use_limits")

_TAKE = Script(
    None,  # type: ignore[arg-type]  # each call names its client
    b"""
local used = tonumber(redis.call('HGET', KEYS[1], 'used'))
if not used then return {'missing', 0} end
if used >= tonumber(ARGV[1]) then
  local grace = tonumber(ARGV[2])
  if grace == 0 then return {'full', used} end
  local now = tonumber(redis.call('TIME')[1])
  redis.call('HSETNX', KEYS[1], 'crossed', now)
  if now - tonumber(redis.call('HGET', KEYS[1], 'crossed')) >= grace then return {'full', used} end
end
return {'taken', redis.call('HINCRBY', KEYS[1], 'used', 1)}
""",
)
_BEGIN = Script(
    None,  # type: ignore[arg-type]
    b"""
if redis.call('HSETNX', KEYS[1], 'used', ARGV[1]) == 1 then
  if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'crossed', ARGV[2]) end
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
""",
)
_GIVE_BACK = Script(
    None,  # type: ignore[arg-type]
    b"""
if tonumber(redis.call('HGET', KEYS[1], 'used') or '0') > 0 then
  redis.call('HINCRBY', KEYS[1], 'used', -1)
end
""",
)


class Outcome(Enum):
    """What came of asking for one more."""

    TAKEN = b"taken"
    FULL = b"full"
    MISSING = b"missing"
    # Redis is away.
    UNKNOWN = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it, and how much is used now."""

    outcome: Outcome
    used: int = 0


def take(name: str, *, ceiling: int, grace_seconds: int) -> Answer:
    """Count one more, unless the ceiling is reached, and has been for longer than the grace."""
    answer = _run(_TAKE, name, [ceiling, grace_seconds])
    if answer is None:
        return Answer(Outcome.UNKNOWN)
    outcome, used = answer
    return Answer(Outcome(outcome), used)


def begin(name: str, *, used: int, crossed_at: datetime | None, keep: timedelta) -> None:
    """Make a missing counter; one that another caller has made meanwhile stays."""
    crossed = "" if crossed_at is None else int(crossed_at.timestamp())
    _run(_BEGIN, name, [used, crossed, int(keep.total_seconds())])


def read(name: str) -> int | None:
    """How much is counted; None without a counter, and while Redis is away."""
    if _breaker.is_open:
        return None
    try:
        used: Any = redis_client().hget(name, "used")
    except redis.RedisError as error:
        _breaker.trip(error)
        return None
    return None if used is None else int(used)


def give_back(name: str) -> None:
    """Count one less."""
    _run(_GIVE_BACK, name, [])


def forget(names: list[str]) -> None:
    """Have these counted anew."""
    if _breaker.is_open:
        return
    try:
        redis_client().delete(*names)
    except redis.RedisError as error:
        _breaker.trip(error)


def _run(script: Script, name: str, arguments: list[int | str]) -> Any:
    """None while Redis is away."""
    if _breaker.is_open:
        return None
    try:
        return script([name], arguments, redis_client()) or ()
    except redis.RedisError as error:
        _breaker.trip(error)
        return None
