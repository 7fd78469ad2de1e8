"""Operations of migrations, against tables of their own."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import Error, connection, models, transaction
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from tenants.operations import AddIndexConcurrentlySafely, ChangeAllTenantsRows, IsolateTenant
from tests.databases import as_owner

pytestmark = pytest.mark.django_db

# Stands for a build that takes longer than the session's limits allow.
_SLOW = """
    CREATE FUNCTION {name}(word text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF current_setting('statement_timeout') <> '0'
            OR current_setting('lock_timeout') <> '0' THEN
            RAISE EXCEPTION USING ERRCODE = 'query_canceled';
        END IF;
        RETURN word;
    END
    $$
"""
_LIMITS = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"


class Table:
    """A table with two rows of the same word, and what is known of its index."""

    def __init__(self) -> None:
        self.name = f"scratch_{uuid4().hex[:12]}"
        self.index = f"{self.name}_word"
        self.state = ProjectState()
        fields: list[tuple[str, models.Field[Any, Any]]] = [
            ("id", models.BigAutoField(primary_key=True)),
            ("word", models.TextField()),
        ]
        self.state.add_model(ModelState("scratch", "Row", fields, {"db_table": self.name}))

    def make(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {self.name} (id bigserial PRIMARY KEY, word text)")
            cursor.execute(f"INSERT INTO {self.name} (word) VALUES ('heron'), ('heron')")

    def drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {self.name}")
            cursor.execute(f"DROP FUNCTION IF EXISTS {self.name}_slow")

    def add_index(self, kind: type[AddIndexConcurrently], index: models.Index) -> None:
        operation = kind("row", index)
        after = self.state.clone()
        operation.state_forwards("scratch", after)
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("scratch", editor, self.state, after)

    def undo(self, operation: Operation) -> None:
        before = self.state.clone()
        operation.state_forwards("scratch", before)
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("scratch", editor, before, self.state)

    def found(self) -> tuple[int, bool] | None:
        """The index' own number, and whether it is valid."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexrelid::bigint, indisvalid FROM pg_index "
                "WHERE indexrelid = to_regclass(%s)",
                [self.index],
            )
            row: tuple[int, bool] | None = cursor.fetchone()
            return row


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    with as_owner():
        made.make()
        try:
            yield made
        finally:
            made.drop()


def limits() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_LIMITS)
        row: tuple[str, str] = cursor.fetchone()
        return row


def test_an_invalid_index_is_built_anew(table: Table) -> None:
    with connection.cursor() as cursor, pytest.raises(Error, match="heron"):
        cursor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {table.index} ON {table.name} (word)")
    left = table.found()
    assert left is not None and not left[1]
    index = models.Index(fields=["word"], name=table.index)
    with pytest.raises(Error, match="already exists"):
        table.add_index(AddIndexConcurrently, index)
    table.add_index(AddIndexConcurrentlySafely, index)
    built = table.found()
    assert built is not None and built[1] and built[0] != left[0]
    # The cut came between the build and the note that the migration has run.
    table.add_index(AddIndexConcurrentlySafely, index)
    assert table.found() == built
    for _ in range(2):
        table.undo(AddIndexConcurrentlySafely("row", index))
        assert table.found() is None


def test_the_limits_of_the_session_do_not_cut_a_build(table: Table) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SLOW.format(name=f"{table.name}_slow"))
        cursor.execute("SET statement_timeout = '29s'; SET lock_timeout = '3s'")
    expression = models.Func(models.F("word"), function=f"{table.name}_slow")
    index = models.Index(expression, name=table.index)
    with pytest.raises(Error):
        table.add_index(AddIndexConcurrently, index)
    left = table.found()
    assert left is not None and not left[1]
    table.add_index(AddIndexConcurrentlySafely, index)
    built = table.found()
    assert built is not None and built[1]
    assert limits() == ("29s", "3s")


def test_a_build_that_fails_leaves_the_limits_as_they_were(table: Table) -> None:
    before = limits()
    expression = models.Func(models.F("word"), function="no_such_function")
    with pytest.raises(Error, match="no_such_function"):
        table.add_index(AddIndexConcurrentlySafely, models.Index(expression, name=table.index))
    assert limits() == before


def test_a_new_table_is_isolated_and_filled_in_one_run() -> None:
    """Before the end of `migrate` has put the policies of all roles in force."""
    name = f"scratch_{uuid4().hex[:12]}"
    fill = f"INSERT INTO {name} SELECT gen_random_uuid() FROM generate_series(1, 2)"
    count = f"SELECT count(*) FROM {name}"
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} (tenant_id uuid)")
        with connection.schema_editor(atomic=False) as editor:
            for operation in (IsolateTenant(name), ChangeAllTenantsRows("fill", fill)):
                operation.database_forwards("scratch", editor, ProjectState(), ProjectState())
        cursor.execute(count)
        assert cursor.fetchone() == (2,)
        cursor.execute("SELECT leave_scope()")
        cursor.execute(count)
        assert cursor.fetchone() == (0,)
        transaction.set_rollback(True)
