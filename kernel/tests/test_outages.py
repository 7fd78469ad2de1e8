"""Which faults of the database are outages: what the server itself says, by SQLSTATE."""

import pytest
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from kernel.database import is_lost, is_outage
from kernel.http import as_domain_error

OUTAGES = {
    "08006": "connection failure",
    "25006": "read-only",
    "25P03": "idle in transaction",
    "40001": "serialization",
    "40P01": "deadlock",
    "53100": "disk full",
    "53200": "out of memory",
    "53300": "too many connections",
    "55000": "recovery in progress",
    "55P03": "lock not available",
    "57014": "cancelled",
    "57P01": "admin shutdown",
    "57P02": "crash shutdown",
    "57P03": "starting up",
    "58030": "disk not read",
}
# The same call would meet these again.
FAULTS = {
    "22001": "too long a value",
    "22P05": "a character that cannot be stored",
    "23505": "unique",
    "25P02": "a transaction that has failed",
    "42501": "no privilege",
    "42P01": "no such table",
    "54000": "too large for an index",
    "P0001": "raised",
    "XX000": "internal",
    "XX001": "data corrupted",
}


def fault(sqlstate: str) -> Error:
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$"
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return caught.value


@pytest.mark.django_db
@pytest.mark.parametrize("sqlstate", OUTAGES, ids=OUTAGES.get)
def test_an_outage_is_one_whatever_class_django_gives_it(sqlstate: str) -> None:
    error = fault(sqlstate)
    assert is_outage(error)
    answer = as_domain_error(error)
    assert (answer.http_status, answer.code) == (503, "unavailable")
    assert answer.retry_after_seconds


@pytest.mark.django_db
@pytest.mark.parametrize("sqlstate", FAULTS, ids=FAULTS.get)
def test_what_repeating_does_not_cure_is_no_outage(sqlstate: str) -> None:
    assert not is_outage(fault(sqlstate))


@pytest.mark.django_db
def test_only_ended_sessions_count_as_lost() -> None:
    lost = {state for state in OUTAGES if is_lost(fault(state))}
    assert lost == {"08006", "25P03", "57P01", "57P02", "57P03"}


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_errors_of_a_connection_have_no_sqlstate(kind: type[Error]) -> None:
    assert is_outage(kind("server closed the connection unexpectedly"))
    assert is_lost(kind("server closed the connection unexpectedly"))


def test_other_exceptions_are_not_the_databases() -> None:
    assert not is_outage(None)
    assert not is_outage(ConnectionError("reset"))
