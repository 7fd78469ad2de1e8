"""The process's one synchronous Redis client, pooled, with short explicit timeouts."""

import time
from functools import lru_cache

import redis
import structlog
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.sentinel import Sentinel

from tenants import metrics

logger = structlog.get_logger(__name__)

#: What a call to Redis or to the broker in it raises, whatever state Redis is in: gone, paused,
#: read-only, out of memory, without replicas, loading.
REDIS_FAULTS = (redis.RedisError, OperationalError, OSError)
_PROBE_EXPIRES_SECONDS = 10


@lru_cache(maxsize=1)
def redis_client() -> redis.Redis:
    """Shared by all threads; calls raise redis.RedisError within a second when Redis is away."""
    options = {
        "socket_connect_timeout": settings.REDIS_TIMEOUT_SECONDS,
        "socket_timeout": settings.REDIS_TIMEOUT_SECONDS,
        "max_connections": 256,
    }
    sentinels = settings.REDIS.sentinels
    if sentinels is None:
        return redis.Redis.from_url(settings.REDIS_URL, **options)
    # Asks the Sentinels for the primary with each new connection.
    asked = Sentinel(  # type: ignore[no-untyped-call]
        sentinels.nodes, sentinel_kwargs=sentinels.connection
    )
    primary: redis.Redis = asked.master_for(  # type: ignore[no-untyped-call]
        sentinels.primary, **sentinels.login, **options
    )
    return primary


class Breaker:
    """Notes that Redis is away, and leaves it alone for a while, lest each call wait for it."""

    def __init__(self, used_for: str, pause_seconds: float = 1.0) -> None:
        self._used_for = used_for
        self._pause_seconds = pause_seconds
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether Redis is left alone."""
        return time.monotonic() < self._open_until

    def trip(self, error: Exception) -> None:
        """A call has failed."""
        self._open_until = time.monotonic() + self._pause_seconds
        metrics.REDIS_FAILURES.labels(self._used_for).inc()
        logger.warning("redis_away", used_for=self._used_for, error=type(error).__name__)


def require_writable() -> None:
    """Write a key that soon expires; raises redis.RedisError in every state that refuses writes."""
    redis_client().set(key("writable"), 1, ex=_PROBE_EXPIRES_SECONDS)


def key(*parts: object) -> str:
    """A key under this installation's prefix."""
    return ":".join((settings.REDIS_PREFIX, *map(str, parts)))
