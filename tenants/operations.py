"""Migration operations that put a table behind the tenant wall.

Migrations import these, so their meaning never changes once released; a different rule gets a new
operation.
"""

from django.db.backends.utils import CursorWrapper
from django.db.migrations.operations import RunSQL


class IsolateTenant(RunSQL):
    """Row-level security for one tenant-owned table, binding its owner too.

    A row is visible and writable in its own tenant's transaction, or in one that names its platform
    purpose. Without either setting there are no rows: a setting that was local to an ended
    transaction reads as an empty text, hence nullif.
    """

    def __init__(self, table: str) -> None:
        rule = (
            "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid "
            "OR nullif(current_setting('app.platform', true), '') IS NOT NULL"
        )
        self.table = table
        super().__init__(
            sql=[
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY tenant_isolation ON {table} USING ({rule}) WITH CHECK ({rule})",
            ],
            reverse_sql=[
                f"DROP POLICY tenant_isolation ON {table}",
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


def see_all_tenants(cursor: CursorWrapper, purpose: str) -> None:
    """The rest of the transaction is deliberate platform work, for what SQL alone cannot change."""
    cursor.execute("SELECT set_config('app.platform', %s, true)", [purpose])
