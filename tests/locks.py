"""Locks of the tests' database: knowing when another session waits for ours."""

import time

from django.db import connection

WAIT_SECONDS = 30


def until_it_waits_for_us() -> None:
    """Another session of the tests' database waits for a lock that this one holds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks "
                "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone() != (0,):
                return
    raise AssertionError("it does not get there")
