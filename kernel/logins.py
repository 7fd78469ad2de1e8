"""Other logins for this thread's database connection, for as long as a block lasts.

The application's own login may do little. What needs more asks for another login here, so that
the two never share a session: SQL that runs in one cannot step over into the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import load_backend
from psycopg_pool import ConnectionPool

_pools: dict[str, dict[str, ConnectionPool]] = {}
_lock = Lock()


@contextmanager
def standing_in(config: dict[str, Any] | None) -> Iterator[None]:
    """Let this thread's default connection be one with the login of `config`.

    The usual connection is left as it is, also within a transaction, and comes back afterwards.
    Inside the same login's block, and without a `config`, this changes nothing.
    """
    if config is None or is_standing_in(config):
        yield
        return
    usual = connections[DEFAULT_DB_ALIAS]
    other = _connection({**usual.settings_dict, **config})
    other.stands_for = config  # type: ignore[attr-defined]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        other.close()
        connections[DEFAULT_DB_ALIAS] = usual


def is_standing_in(config: dict[str, Any]) -> bool:
    """Whether this thread's default connection has the login of `config`."""
    return getattr(connections[DEFAULT_DB_ALIAS], "stands_for", None) is config


def stand_in_pools() -> list[ConnectionPool]:
    """The pools of all logins but the usual one."""
    with _lock:
        return [pool for pools in _pools.values() for pool in pools.values()]


def _connection(config: dict[str, Any]) -> DatabaseWrapper:
    backend = load_backend(config["ENGINE"])
    made = cast(DatabaseWrapper, backend.DatabaseWrapper(config, DEFAULT_DB_ALIAS))
    # Django keeps pools by alias; a login must never get a connection of another one's pool.
    place = repr([config[part] for part in ("USER", "HOST", "PORT", "NAME", "OPTIONS")])
    with _lock:
        made._connection_pools = _pools.setdefault(place, {})  # type: ignore[attr-defined]
    return made
