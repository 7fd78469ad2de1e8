"""Counting in windows of time, in all processes together: the mechanism below every rate limit.

Two strategies. A fixed window starts with its first hit and ends as a whole; a sliding one lets go
of each hit when it is old enough. Both count in Redis. While Redis is away each process counts for
itself, so a flood still ends, at up to (number of processes) times the limit.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeVar

import redis
from redis.commands.core import Script

from tenants.redis_client import Breaker, redis_client

Value = TypeVar("Value")

# Refusals of a window that are understandable, as a multiple of its points.
_TOLERATED = 3
_MAX_DOUBLINGS = 4
# A day's window must not become half a month.
_MAX_PROLONGATION_MS = 3_600_000
# How long this process refuses by itself what Redis has refused. A flood so costs Redis a few calls
# a second; points that another process has given back are seen after so long.
_CLOSED_SECONDS = 0.25
# Oldest first, and bounded: a flood of new addresses must not fill the memory.
_MAX_LOCAL_WINDOWS = 50_000


class Refusal(NamedTuple):
    """Which of the windows, from 0, had no point left, and how long until it has one."""

    position: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Window:
    """So many points in so many milliseconds, under a name in Redis.

    `offences` names where refusals of a fixed window are counted; empty where repeated ones do not
    prolong it. A sliding window with `even_from` gives its points one by one as soon as so many are
    taken, so that what is left lasts: 0 is never.
    """

    name: str
    points: int
    milliseconds: int
    offences: str = ""
    even_from: int = 0

    @property
    def gap_milliseconds(self) -> int:
        """Between two points that leave one by one."""
        return self.milliseconds // self.points if self.even_from else 0


class _Windows(ABC):
    """Windows of one strategy."""

    # Answers {number of the window without a point, milliseconds to wait}; {0, 0} when all had one.
    script: ClassVar[Script]

    def __init__(self, used_for: str, *, pause_seconds: float = 1.0) -> None:
        self._breaker = Breaker(used_for, pause_seconds)
        self._lock = threading.Lock()

    def _take(
        self, windows: Sequence[Window], keys: list[str], arguments: list[int | str]
    ) -> Refusal | None:
        if not self._breaker.is_open:
            try:
                number, milliseconds = self.script(keys, arguments, redis_client())
            except redis.RedisError as error:
                self._breaker.trip(error)
            else:
                return Refusal(number - 1, milliseconds) if number else None
        with self._lock:
            return self._take_locally(windows, time.monotonic())

    @abstractmethod
    def _take_locally(self, windows: Sequence[Window], now: float) -> Refusal | None:
        """The strategy in this process's memory."""


@dataclass(slots=True)
class _Offences:
    """What one subject has done while it was refused."""

    refused: int = 0
    level: int = 0
    forgotten_at: float = 0.0


@dataclass(slots=True)
class _Closed:
    """A window that Redis has just said to be exhausted."""

    until: float
    """Up to when this process believes it."""
    ends: float
    points: int
    """The limit that it was exhausted for: a higher one is asked about anew."""
    untold: int = 0
    """Refusals that Redis has not heard of."""


class FixedWindows(_Windows):
    """Each starts with its first hit. Asking on while refused prolongs the wait.

    When more than `_TOLERATED` times a window's points were refused in it, the wait after the next
    exhausted window doubles, and so on up to sixteenfold, until a window has passed without a
    refusal. It is never prolonged once told, so a caller that obeys it is served afterwards.

    Of a window's refusals only the first few in a second are asked of Redis, which hears of the
    others with the next call.
    """

    script = Script(
        None,  # type: ignore[arg-type]  # each call names its client
        f"""
local function note(offences, points, more)
  local refused = redis.call('HINCRBY', offences, 'refused', more)
  local level = tonumber(redis.call('HGET', offences, 'level') or '0')
  local tolerated = points * {_TOLERATED}
  if refused > tolerated and refused - more <= tolerated and level < {_MAX_DOUBLINGS} then
    redis.call('HINCRBY', offences, 'level', 1)
  end
  return refused == more, level
end
for i = 1, #KEYS / 2 do
  local counter, offences = KEYS[i * 2 - 1], KEYS[i * 2]
  local points, window = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1])
  if tonumber(redis.call('GET', counter) or '0') >= points then
    local left = redis.call('PTTL', counter)
    if left < 0 then
      left = window
      redis.call('PEXPIRE', counter, left)
    end
    if offences ~= '' then
      local is_first, level = note(offences, points, 1 + ARGV[i * 3])
      if is_first and level > 0 then
        left = left + math.min(window * (2 ^ level - 1), {_MAX_PROLONGATION_MS})
        redis.call('PEXPIRE', counter, left)
      end
      redis.call('PEXPIRE', offences, left + window)
    end
    return {{i, left}}
  end
end
for i = 1, #KEYS / 2 do
  local counter, offences = KEYS[i * 2 - 1], KEYS[i * 2]
  if redis.call('INCR', counter) == 1 then
    redis.call('PEXPIRE', counter, ARGV[i * 3 - 1])
    if offences ~= '' and redis.call('EXISTS', offences) == 1 then
      if tonumber(ARGV[i * 3]) > 0 then
        note(offences, tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3]))
      end
      redis.call('HDEL', offences, 'refused')
    end
  end
end
return {{0, 0}}
""".encode(),
    )
    _give_back = Script(
        None,  # type: ignore[arg-type]
        b"""
for _, counter in ipairs(KEYS) do
  if tonumber(redis.call('GET', counter) or '0') > 0 then redis.call('DECR', counter) end
end
""",
    )

    def __init__(self, used_for: str) -> None:
        super().__init__(used_for)
        self._closed: dict[str, _Closed] = {}
        self._used: dict[str, tuple[int, float]] = {}
        self._offences: dict[str, _Offences] = {}

    def take(self, windows: Sequence[Window]) -> Refusal | None:
        """Take a point of every window, or of none and say which has none left."""
        now = time.monotonic()
        with self._lock:
            known = self._refuse_as_before(windows, now)
            if known is not None:
                return known
            # Before the call: two that are on their way must not both tell the same refusals.
            told = [self._closed.pop(window.name, None) for window in windows]
        keys = [name for window in windows for name in (window.name, window.offences)]
        numbers = [
            number
            for window, closed in zip(windows, told, strict=True)
            for number in (window.points, window.milliseconds, closed.untold if closed else 0)
        ]
        refusal = self._take(windows, keys, [*numbers])
        if refusal is not None and not self._breaker.is_open:
            self._believe(windows[refusal.position], refusal.milliseconds, now)
        return refusal

    def _refuse_as_before(self, windows: Sequence[Window], now: float) -> Refusal | None:
        for index, window in enumerate(windows):
            closed = self._closed.get(window.name)
            if closed is not None and now < closed.until and window.points <= closed.points:
                closed.untold += 1
                return Refusal(index, max(1, int((closed.ends - now) * 1000)))
        return None

    def _believe(self, window: Window, milliseconds: int, now: float) -> None:
        ends = now + milliseconds / 1000
        with self._lock:
            closed = self._closed.get(window.name)
            untold = 0 if closed is None else closed.untold
            until = min(now + _CLOSED_SECONDS, ends)
            self._closed[window.name] = _Closed(until, ends, window.points, untold)
            _make_room(self._closed)

    def give_back(self, names: Sequence[str]) -> None:
        """Return a point to each of these windows that has not ended."""
        with self._lock:
            for name in names:
                self._closed.pop(name, None)
                used, ends = self._used.get(name, (0, 0.0))
                if used > 0:
                    self._used[name] = used - 1, ends
        if self._breaker.is_open:
            return
        try:
            # A window that has ended meanwhile must not begin with a debt, nor without an end.
            self._give_back([*names], [], redis_client())
        except redis.RedisError as error:
            self._breaker.trip(error)

    def _take_locally(self, windows: Sequence[Window], now: float) -> Refusal | None:
        _make_room(self._used)
        _make_room(self._offences)
        for index, window in enumerate(windows):
            used, ends = self._used.get(window.name, (0, 0.0))
            if ends <= now or used < window.points:
                continue
            if window.offences:
                ends = self._refuse_repeatedly(window, now, ends)
                self._used[window.name] = used, ends
            return Refusal(index, int((ends - now) * 1000))
        for window in windows:
            used, ends = self._used.get(window.name, (0, 0.0))
            if ends <= now:
                used, ends = 0, now + window.milliseconds / 1000
                if window.offences in self._offences:
                    self._offences[window.offences].refused = 0
            self._used[window.name] = used + 1, ends
        return None

    def _refuse_repeatedly(self, window: Window, now: float, ends: float) -> float:
        """Note the refusal; returns when the window ends now."""
        offences = self._offences.get(window.offences)
        if offences is None or offences.forgotten_at <= now:
            offences = self._offences[window.offences] = _Offences()
        offences.refused += 1
        if offences.refused == 1 and offences.level > 0:
            longer = window.milliseconds * (2**offences.level - 1)
            ends += min(longer, _MAX_PROLONGATION_MS) / 1000
        if offences.refused == window.points * _TOLERATED + 1:
            offences.level = min(offences.level + 1, _MAX_DOUBLINGS)
        offences.forgotten_at = ends + window.milliseconds / 1000
        return ends


class SlidingWindows(_Windows):
    """Each holds the moments of its hits, so that no stretch of time has more than its points.

    A window that is emptied at once is shut for as long as it is; one that gives the rest of its
    points one by one (`Window.even_from`) lets what is urgent through in between.
    """

    script = Script(
        None,  # type: ignore[arg-type]
        b"""
local window = tonumber(ARGV[2])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local taken, even_from = redis.call('ZCARD', KEYS[1]), tonumber(ARGV[4])
if taken < tonumber(ARGV[1]) then
  if even_from > 0 and taken >= even_from then
    local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
    local left = newest[2] + tonumber(ARGV[5]) - now
    if left > 0 then return {1, left} end
  end
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], window)
  return {0, 0}
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {1, oldest[2] + window - now + 1}
""",
    )

    def __init__(self, used_for: str) -> None:
        # Redis is asked each time: points of this process's own would go beyond those it has given.
        super().__init__(used_for, pause_seconds=0)
        self._taken: dict[str, deque[float]] = {}

    def take(self, window: Window) -> Refusal | None:
        """Take a point of the window, or say how long until it has one."""
        member = f"{time.monotonic_ns()}-{threading.get_ident()}"
        bounds = (window.points, window.milliseconds, member)
        evenness = (window.even_from, window.gap_milliseconds)
        return self._take([window], [window.name], [*bounds, *evenness])

    def used(self, window: Window) -> int | None:
        """How many points of the window are taken; None while Redis is away."""
        oldest = time.time() * 1000 - window.milliseconds
        try:
            return int(redis_client().zcount(window.name, oldest, "+inf"))
        except redis.RedisError as error:
            self._breaker.trip(error)
            return None

    def _take_locally(self, windows: Sequence[Window], now: float) -> Refusal | None:
        [window] = windows
        _make_room(self._taken)
        taken = self._taken.setdefault(window.name, deque())
        seconds = window.milliseconds / 1000
        while taken and taken[0] <= now - seconds:
            taken.popleft()
        free_at = 0.0
        if len(taken) >= window.points:
            free_at = taken[0] + seconds
        elif window.even_from and len(taken) >= window.even_from:
            free_at = taken[-1] + window.gap_milliseconds / 1000
        if free_at > now:
            return Refusal(0, int((free_at - now) * 1000))
        taken.append(now)
        return None


def _make_room(windows: dict[str, Value]) -> None:
    while len(windows) > _MAX_LOCAL_WINDOWS:
        del windows[next(iter(windows))]
