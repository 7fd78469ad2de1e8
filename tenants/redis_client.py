"""The process's one synchronous Redis client, pooled, with short explicit timeouts."""

from functools import lru_cache

import redis
from django.conf import settings


@lru_cache(maxsize=1)
def redis_client() -> redis.Redis:
    """Shared by all threads; calls raise redis.RedisError within a second when Redis is away."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        max_connections=256,
    )


def key(*parts: object) -> str:
    """A key under this installation's prefix."""
    return ":".join((settings.REDIS_PREFIX, *map(str, parts)))
