"""The budget of one bot in one group, shared by all workers.

Telegram allows about 20 posts a minute in a group, all topics together, and lengthens its penalties
for those who do not wait. So calls are counted here first, in a sliding window in Redis. While
Redis is away each process counts for itself; what Telegram itself imposes is kept durably in the
outbox's holds.
"""

import threading
import time
from collections import deque
from datetime import timedelta

import redis
import structlog
from django.conf import settings
from django.utils import timezone

from channels_telegram.channels import DecryptedChannel
from outbox.errors import ChannelOnHold
from tenants import metrics
from tenants.redis_client import key, redis_client

logger = structlog.get_logger(__name__)

# Telegram counts when a call arrives, we count when it leaves: a call that took long on its way is
# still in Telegram's window when it has left ours.
_MARGIN_SECONDS = 1

# KEYS: window. ARGV: points, window in ms, a unique member. Answers 0, or the ms to wait.
_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return oldest[2] + ARGV[2] - now + 1
"""


class LocalWindows:
    """The same windows in this process's memory, for the time without Redis."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: dict[str, deque[float]] = {}

    def take(self, name: str, points: int, seconds: float) -> float:
        """Seconds to wait; 0 when the point was taken."""
        now = time.monotonic()
        with self._lock:
            taken = self._taken.setdefault(name, deque())
            while taken and taken[0] <= now - seconds:
                taken.popleft()
            if len(taken) < points:
                taken.append(now)
                return 0.0
            return taken[0] + seconds - now


_local = LocalWindows()


def spend(channel: DecryptedChannel) -> None:
    """Count one call to the channel's group; raises ChannelOnHold when the budget is spent."""
    points = settings.TELEGRAM_GROUP_POINTS
    seconds = settings.TELEGRAM_GROUP_DURATION_SECONDS + _MARGIN_SECONDS
    name = key("telegram-budget", channel.bot_id, channel.chat_id)
    try:
        member = f"{time.monotonic_ns()}-{threading.get_ident()}"
        wait_ms = redis_client().eval(_TAKE, 1, name, points, seconds * 1000, member)
        wait = float(wait_ms) / 1000
    except redis.RedisError as error:
        metrics.REDIS_FAILURES.labels("telegram_budget").inc()
        logger.warning("redis_away", used_for="telegram budget", error=type(error).__name__)
        wait = _local.take(name, points, seconds)
    if wait > 0:
        raise ChannelOnHold(
            "the group's budget is spent", until=timezone.now() + timedelta(seconds=wait)
        )


def spent(channel: DecryptedChannel) -> int | None:
    """How many calls of the group's budget are spent in the window; None while Redis is away."""
    seconds = settings.TELEGRAM_GROUP_DURATION_SECONDS + _MARGIN_SECONDS
    name = key("telegram-budget", channel.bot_id, channel.chat_id)
    oldest = (time.time() - seconds) * 1000
    try:
        return int(redis_client().zcount(name, oldest, "+inf"))
    except redis.RedisError as error:
        metrics.REDIS_FAILURES.labels("telegram_budget").inc()
        logger.warning("redis_away", used_for="telegram budget", error=type(error).__name__)
        return None
