"""Living with a database server that restarts."""

from django.db import connection


def drop_dead_connections() -> None:
    """Give up this thread's connection and those of the pool that no longer answer.

    After a restart of PostgreSQL the pool still holds connections to the old server. Checking each
    one whenever it is used would cost a round trip; checking them all after a failure costs none.
    """
    connection.close()
    pool = getattr(connection, "pool", None)
    if pool is not None:
        pool.check()
