"""Migration operations: isolation of tenants, work on all tenants' rows, indexes beside traffic.

Migrations import these, so their meaning never changes once released; a different rule gets a new
operation.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.operations import RunSQL
from django.db.migrations.state import ProjectState

_PROVED = "tenant_id = (SELECT tenant_in_scope())"
_WITH_PURPOSE = "nullif(current_setting('app.platform', true), '') IS NOT NULL"


class IsolateTenant(RunSQL):
    """Row-level security for one tenant-owned table, binding its owner too.

    A row is visible and writable in a transaction that has proved its tenant, and for the owner in
    one that names its platform purpose. The end of `migrate` adds what other roles may do: see
    tenants/database/roles.py.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            sql=[
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY tenant_isolation ON {table} "
                f"USING ({_PROVED}) WITH CHECK ({_PROVED})",
                f"CREATE POLICY owners_work ON {table} TO CURRENT_USER "
                f"USING ({_WITH_PURPOSE}) WITH CHECK ({_WITH_PURPOSE})",
            ],
            reverse_sql=[
                f"DROP POLICY tenant_isolation ON {table}",
                f"DROP POLICY owners_work ON {table}",
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            ],
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Recreate it from the table's name."""
        return (type(self).__name__, [self.table], {})


class TenantForeignKey(RunSQL):
    """A foreign key that cannot leave the tenant: (tenant_id, column) -> parent (tenant_id, id).

    Foreign keys bypass row-level security, so a plain one could point at another tenant's row. The
    parent needs a unique constraint on (tenant, id). `on_delete` is SQL: `CASCADE`, `RESTRICT` or
    `SET NULL (column)`.
    """

    def __init__(self, table: str, column: str, parent: str, on_delete: str = "CASCADE") -> None:
        name = f"{table}_{column}_in_tenant"[:63]
        self.arguments = [table, column, parent, on_delete]
        super().__init__(
            sql=(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {column}) "
                f"REFERENCES {parent} (tenant_id, id) ON DELETE {on_delete}"
            ),
            reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Recreate it from its four words."""
        return (type(self).__name__, self.arguments, {})


class ChangeAllTenantsRows(RunSQL):
    """SQL over every tenant's rows, as deliberate platform work under the name `purpose`."""

    def __init__(self, purpose: str, statement: str) -> None:
        self.arguments = [purpose, statement]
        super().__init__(
            sql=[("SELECT set_config('app.platform', %s, true)", [purpose]), statement],
            reverse_sql=RunSQL.noop,
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Recreate it from the purpose and the statement."""
        return (type(self).__name__, self.arguments, {})


_IS_VALID = """
    SELECT indisvalid FROM pg_index
    WHERE indexrelid = to_regclass(quote_ident(%s)) AND indrelid = to_regclass(quote_ident(%s))
"""
_LIMITS = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
_SET_LIMITS = (
    "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)"
)


class AddIndexConcurrentlySafely(AddIndexConcurrently):
    """Builds an index while the table is in use; safe to run again after a cut.

    A build that was cut leaves an INVALID index, which nothing reads and every write maintains: it
    is dropped first. A valid index was built before the cut, and is kept. The session's time limits
    do not apply, so it needs a session of its own: NotSupportedError is raised behind a pooler. The
    migration needs `atomic = False`.
    """

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop what a cut has left behind, and build the index unless it is there."""
        self._ensure_not_in_transaction(schema_editor)
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        with _without_time_limits(schema_editor.connection):
            is_valid = self._is_valid(schema_editor.connection, table)
            if is_valid is False:
                name = schema_editor.quote_name(self.index.name)
                schema_editor.execute(f"DROP INDEX CONCURRENTLY {name}")
            if not is_valid:
                super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the index if it is there."""
        self._ensure_not_in_transaction(schema_editor)
        with _without_time_limits(schema_editor.connection):
            super().database_backwards(app_label, schema_editor, from_state, to_state)

    def _is_valid(self, connection: BaseDatabaseWrapper, table: str) -> bool | None:
        """None without such an index of the table."""
        with connection.cursor() as cursor:
            cursor.execute(_IS_VALID, [self.index.name, table])
            row = cursor.fetchone()
        return None if row is None else bool(row[0])


@contextmanager
def _without_time_limits(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        _require_own_session(connection, cursor)
        cursor.execute(_LIMITS)
        limits = cursor.fetchone()
        cursor.execute(_SET_LIMITS, ["0", "0"])
    try:
        yield
    finally:
        # A session that has broken takes its settings with it.
        if not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(_SET_LIMITS, limits)


def _require_own_session(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
    """A pooler makes up a process id for its client, which no session of the server has."""
    cursor.execute("SELECT pg_backend_pid()")
    if cursor.fetchone() != (connection.connection.info.backend_pid,):
        raise NotSupportedError(
            "An index cannot be built concurrently through a pooler, which has time limits of its "
            "own. Set MIGRATE_DATABASE_URL to the address of PostgreSQL itself."
        )
