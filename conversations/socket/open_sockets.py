"""How many sockets are open for one conversation and for one address, in all processes together.

Redis holds a set of sockets for each. A member names its process, and a process says every few
seconds that it is alive: the sockets of a killed one stop counting when it has been silent for
`_ALIVE_SECONDS`, and a process whose sets are gone, since Redis was emptied, writes them again.
While Redis is away each process counts its own sockets alone.

Beside a conversation's set stands since when it has no socket any more, as far as that is known:
see `presence`.
"""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

import redis
import structlog
from django.conf import settings

from kernel.errors import RateLimited
from kernel.service_threads import in_thread
from tenants import metrics as tenant_metrics
from tenants import rate_limits
from tenants.redis_client import Breaker, key, redis_client

# An alert sees an increase only of a series that was there before.
tenant_metrics.RATE_LIMITED.labels("sockets")
logger = structlog.get_logger(__name__)

Item = TypeVar("Item")

# A socket that is one too many is told so and kept for so long, since the first widget connects
# again half a second after its socket has ended.
RETRY_AFTER_SECONDS = 3
_BEAT_SECONDS = 1.0
_ALIVE_SECONDS = 20
_BEATS_PER_SIGN_OF_LIFE = 5
_BEATS_PER_REWRITE = 3_600
_SET_SECONDS = 2 * 3_600
# How long it is known that a customer has left.
_LEFT_SECONDS = 7 * 86_400
# Commands of one trip to Redis.
_CHUNK = 1_000
_WRITTEN, _UNWRITTEN = b"written", "unwritten"

# The keys are sets; the arguments: this socket, its process, the prefix of the processes' keys, the
# seconds of a process's key and of a set, then the bound of each set.
_ENTER = f"""
redis.call('SET', ARGV[3] .. ARGV[2], '{_UNWRITTEN}', 'EX', ARGV[4], 'NX')
for i, sockets in ipairs(KEYS) do
  if redis.call('SCARD', sockets) >= tonumber(ARGV[i + 5]) then
    for _, member in ipairs(redis.call('SMEMBERS', sockets)) do
      if redis.call('EXISTS', ARGV[3] .. string.match(member, '^[^.]+')) == 0 then
        redis.call('SREM', sockets, member)
      end
    end
    if redis.call('SCARD', sockets) >= tonumber(ARGV[i + 5]) then return i end
  end
end
for _, sockets in ipairs(KEYS) do
  redis.call('SADD', sockets, ARGV[1])
  redis.call('EXPIRE', sockets, ARGV[5])
  redis.call('DEL', sockets .. ':left')
end
return 0
"""

# A browser has hung up: the set, then this socket, the time and how long that is kept.
_LEAVE = """
redis.call('SREM', KEYS[1], ARGV[1])
if redis.call('SCARD', KEYS[1]) == 0 then
  redis.call('SET', KEYS[1] .. ':left', ARGV[2], 'EX', ARGV[3])
end
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a socket counts for: a name in Redis, and how many may be open."""

    name: str
    bound: int
    sentence: str
    remembers_leaving: bool = False
    """Whether Redis keeps since when none is open."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A socket that counts; given back to `leave`."""

    member: str
    counted: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class _Left:
    """A socket that has ended."""

    name: str
    member: str
    left_at: int | None = None
    """Unix seconds, where its browser has hung up and the set remembers that."""


def set_of(tenant_id: UUID, conversation_id: UUID) -> str:
    """The name of the set of a conversation's sockets."""
    return key("sockets", "conversation", tenant_id, conversation_id)


def left_of(name: str) -> str:
    """The name of what says since when a set has no socket any more."""
    return f"{name}:left"


def process_of(member: bytes) -> str:
    """The name of the key of the process whose socket this is."""
    return key("process", member.partition(b".")[0].decode())


def counted_for(tenant_id: UUID, conversation_id: UUID, network: str | None) -> tuple[Counted, ...]:
    """What a socket of a conversation counts for; an address that is not known does not count."""
    conversation = Counted(
        set_of(tenant_id, conversation_id),
        settings.WS_MAX_PER_CONVERSATION,
        "This conversation is open in too many places. Close one of them.",
        remembers_leaving=True,
    )
    address = Counted(
        key("sockets", "address", tenant_id, network),
        settings.WS_MAX_PER_ADDRESS,
        "Too many chats are open from this address. Close one of them.",
    )
    return (conversation,) if network is None else (conversation, address)


class OpenSockets:
    """The open sockets of this process, counted with those of others; from any thread."""

    def __init__(self) -> None:
        self._process = uuid4().hex
        self._lock = threading.Lock()
        self._own: defaultdict[str, set[str]] = defaultdict(set)
        self._left: list[_Left] = []
        # Sockets have opened that Redis does not know of.
        self._is_incomplete = False
        self._keeper: asyncio.Task[None] | None = None
        self._breaker = Breaker("open_sockets")

    def enter(self, counted: tuple[Counted, ...]) -> Entry:
        """Count one more socket; raises RateLimited when it is one too many."""
        entry = Entry(f"{self._process}.{uuid4().hex}", counted)
        with self._lock:
            for one in counted:
                if len(self._own.get(one.name, ())) >= one.bound:
                    raise _refusal(one)
            for one in counted:
                self._own[one.name].add(entry.member)
        full = self._enter_everywhere(entry)
        if full is not None:
            with self._lock:
                self._forget(entry)
            raise _refusal(full)
        return entry

    def leave(self, entry: Entry, *, has_hung_up: bool = False) -> None:
        """The socket has ended; other processes learn of it within a second or so.

        `has_hung_up`: its browser has ended it, and not this server.
        """
        left_at = int(time.time()) if has_hung_up else None
        with self._lock:
            self._forget(entry)
            self._left += [
                _Left(one.name, entry.member, left_at if one.remembers_leaving else None)
                for one in entry.counted
            ]

    def keep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Keep Redis up to date from now on, on this loop."""
        if self._keeper is None or self._keeper.get_loop() is not loop:
            self._keeper = loop.create_task(self._keep())

    def leave_all(self) -> None:
        """The process ends, and its sockets with it; the next one may count them again."""
        with self._lock:
            for name, members in self._own.items():
                self._left += [_Left(name, member) for member in members]
            self._own.clear()
        with suppress(redis.RedisError):
            self._write_left()

    def _forget(self, entry: Entry) -> None:
        for one in entry.counted:
            members = self._own.get(one.name)
            if members is not None:
                members.discard(entry.member)
                if not members:
                    del self._own[one.name]

    def _enter_everywhere(self, entry: Entry) -> Counted | None:
        """Which bound is reached by the sockets of all processes, if any."""
        if self._breaker.is_open:
            self._is_incomplete = True
            return None
        lifetimes = (_ALIVE_SECONDS, _SET_SECONDS)
        names = [one.name for one in entry.counted]
        try:
            # What has left since the last beat is no reason to refuse.
            self._write_left()
            bounds = [one.bound for one in entry.counted]
            own = (entry.member, self._process, key("process", ""))
            full = redis_client().eval(_ENTER, len(names), *names, *own, *lifetimes, *bounds)
        except redis.RedisError as error:
            self._is_incomplete = True
            self._breaker.trip(error)
            return None
        return entry.counted[int(full) - 1] if full else None

    async def _keep(self) -> None:
        beat = 0
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            beat += 1
            if not self._left and beat % _BEATS_PER_SIGN_OF_LIFE:
                continue
            try:
                await in_thread(self._beat, beat)
            except redis.RedisError as error:
                self._breaker.trip(error)
            except Exception:
                # Without this task a process would soon count as dead.
                logger.exception("beat_failed")

    def _beat(self, beat: int) -> None:
        self._write_left()
        if beat % _BEATS_PER_SIGN_OF_LIFE:
            return
        name = key("process", self._process)
        known = redis_client().set(name, _WRITTEN, ex=_ALIVE_SECONDS, get=True)
        if known != _WRITTEN or self._is_incomplete or beat % _BEATS_PER_REWRITE == 0:
            self._rewrite()
            self._is_incomplete = False

    def _write_left(self) -> None:
        with self._lock:
            left, self._left = self._left, []
        try:
            for chunk in _chunks(left):
                with redis_client().pipeline(transaction=False) as pipeline:
                    for one in chunk:
                        if one.left_at is None:
                            pipeline.srem(one.name, one.member)
                        else:
                            arguments = (one.member, one.left_at, _LEFT_SECONDS)
                            pipeline.eval(_LEAVE, 1, one.name, *arguments)
                    pipeline.execute()
        except redis.RedisError:
            with self._lock:
                self._left += left
            raise

    def _rewrite(self) -> None:
        with self._lock:
            own = [(name, tuple(members)) for name, members in self._own.items()]
        for chunk in _chunks(own):
            with redis_client().pipeline(transaction=False) as pipeline:
                for name, members in chunk:
                    pipeline.sadd(name, *members)
                    pipeline.expire(name, _SET_SECONDS)
                    pipeline.delete(left_of(name))
                pipeline.execute()


def _refusal(full: Counted) -> RateLimited:
    rate_limits.count_refusal("sockets")
    return RateLimited(full.sentence, retry_after_seconds=RETRY_AFTER_SECONDS)


def _chunks(items: list[Item]) -> Iterable[list[Item]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


OPEN_SOCKETS = OpenSockets()
