"""Locks of the tests' database: knowing when another session waits for ours."""

from django.db import connection

from tests.waiting import wait_until


def until_it_waits_for_us() -> None:
    """Another session of the tests' database waits for a lock that this one holds."""

    def is_so() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks "
                "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            return bool(cursor.fetchone() != (0,))

    wait_until(is_so, "another session waits for a lock of this one")
