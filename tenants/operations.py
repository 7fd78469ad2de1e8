"""Migration operations: isolation of tenant-owned tables, and work on all tenants' rows.

Migrations import these, so their meaning never changes once released; a different rule gets a new
operation.
"""

from django.db.migrations.operations import RunSQL

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
