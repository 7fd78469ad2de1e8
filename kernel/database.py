"""Living with a database server that is away, restarts, or refuses for a while."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import TypeVar

import psycopg
from django.db import (
    DEFAULT_DB_ALIAS,
    Error,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)

from kernel.logins import stand_in_pools

Answer = TypeVar("Answer")

# By SQLSTATE, or its class: refusals that are about the server's state at this moment, not about
# what was asked. The same call succeeds later, so callers are told to repeat it.
_OUTAGE_CLASSES = (
    "08",  # connection exception; also what PgBouncer says when it has no server
    "40",  # transaction rollback: serialization failure, deadlock, conflict with recovery
    "53",  # insufficient resources: disk full, out of memory, too many connections
    "55",  # not in prerequisite state: a lock that is not to be had, recovery in progress
    "57",  # operator intervention: shutdown, crash, starting up, cancelled by a timeout
    "58",  # system error: the disk cannot be read or written
)
_READ_ONLY = "25006"  # a standby, or a guard of the disk
_OUTAGES = frozenset(
    {
        _READ_ONLY,
        "25P03",  # idle in transaction for too long: the session was ended
        "25P04",  # the same for a transaction's whole time
    }
)
# With these the session has ended. The pool may hold more that have ended with it.
_LOST_CLASSES = ("08", "57P")
_LOST = frozenset({"25P03", "25P04"})
# Disk full, out of memory, too many connections: refused to one call, and soon to all of them.
_NO_ROOM_CLASS = "53"
# Connections are given up at most so often, however many calls meet a server that only reads.
_RENEW_EVERY_SECONDS = 2.0


def is_outage(error: BaseException | None) -> bool:
    """Whether the database is away or refuses for a while, so that repeating the call is right.

    True as well for errors of a connection, which have no SQLSTATE. False for what the same call
    would meet again: a broken constraint, a missing table, a statement beyond the server's limits.
    """
    if not isinstance(error, Error):
        return False
    state = _sqlstate(error)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state in _OUTAGES or state.startswith(_OUTAGE_CLASSES)


def is_lost(error: BaseException | None) -> bool:
    """Whether the connection itself has ended, or could not be made."""
    if not isinstance(error, Error):
        return False
    state = _sqlstate(error)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state in _LOST or state.startswith(_LOST_CLASSES)


def _sqlstate(error: Error) -> str | None:
    cause = error.__cause__
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def database_now() -> datetime:
    """The moment by the database's clock, which is one for all processes of all machines.

    What a sweep closes or deletes by its age is measured by it: a machine whose clock runs ahead
    must not take for old what is not.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [moment] = cursor.fetchone()
    now: datetime = moment
    return now


def read_once_more(read: Callable[[], Answer]) -> Answer:
    """What a read outside a transaction finds, asked again when its connection was a dead one."""
    try:
        return read()
    except Error as error:
        had_connection = connection.connection is not None
        if not had_connection or connection.in_atomic_block or not is_lost(error):
            raise
        renew_connections(error)
        return read()


def renew_connections(error: BaseException | None) -> None:
    """Make sure that the next call meets a server that can serve, after a call met this error.

    After a restart of PostgreSQL the pool still holds connections to the old server. Checking each
    one whenever it is used would cost a round trip; checking them all after a failure costs none.
    After a failover it may hold good connections to a server that is a standby now: all are given
    up, since the address may lead to another server.
    """
    global _refused_at
    if not isinstance(error, Error):
        return
    state = _sqlstate(error)
    if state is not None and state.startswith(_NO_ROOM_CLASS):
        _refused_at = monotonic()
    if state == _READ_ONLY:
        renew_all_connections()
        return
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None and is_lost(error):
        pool.check()


def renew_all_connections() -> None:
    """Give up every connection of this process, those in use as soon as they are free."""
    global _renewed_at
    with _lock:
        is_time = monotonic() - _renewed_at > _RENEW_EVERY_SECONDS
        if is_time:
            _renewed_at = monotonic()
    if is_time:
        own = getattr(connections[DEFAULT_DB_ALIAS], "pool", None)
        for pool in {*stand_in_pools(), *([] if own is None else [own])}:
            pool.drain()
    connection.close()


def has_lately_refused(*, within_seconds: float) -> bool:
    """Whether the server has refused a call of this process for want of room in that time.

    A full disk still takes what fits into the pages that are there, so a look of our own could not
    tell.
    """
    return monotonic() - _refused_at < within_seconds


_lock = Lock()
_renewed_at = float("-inf")
_refused_at = float("-inf")
