"""The process's one synchronous Redis client, pooled, with short explicit timeouts."""

from functools import lru_cache

import redis
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.sentinel import Sentinel

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


def require_writable() -> None:
    """Write a key that soon expires; raises redis.RedisError in every state that refuses writes."""
    redis_client().set(key("writable"), 1, ex=_PROBE_EXPIRES_SECONDS)


def key(*parts: object) -> str:
    """A key under this installation's prefix."""
    return ":".join((settings.REDIS_PREFIX, *map(str, parts)))
