"""What each role of the database may do: policies and grants, made whenever migrations have run.

Migrations run as the owner. Where the roles `chatorical_app` and `chatorical_platform` exist, which
deploy/postgres/roles.sql makes, they get what they need and no more; where they do not, the owner
is the only role, and the policies bind it by its settings. See docs/adr/0013-database-roles.md.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.utils import CursorWrapper

APPLICATION = "chatorical_app"
PLATFORM = "chatorical_platform"

# Nothing for the application's role.
_PLATFORM_ONLY = frozenset(
    {"tenants_scopekey", "tenants_platformkey", "django_session", "billing_stripeevent"}
)
# What migrations write.
_READ_ONLY = frozenset({"django_migrations", "django_content_type", "auth_permission"})
# Who may open the console, and what they may do there: the application's role reads it, except for
# the columns that are named.
_ACCOUNTS = {
    "tenants_user": "password",
    "tenants_user_groups": "",
    "tenants_user_user_permissions": "",
    "auth_group": "",
    "auth_group_permissions": "",
}

_PROVED = "tenant_id = (SELECT tenant_in_scope())"
_WITH_PURPOSE = "nullif(current_setting('app.platform', true), '') IS NOT NULL"
_WALLED = """
    SELECT relname, coalesce(obj_description(pg_policy.oid, 'pg_policy'), '')
    FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
    WHERE polname = 'tenant_isolation' AND relnamespace = 'public'::regnamespace
    ORDER BY relname
"""
_HAS_PROOFS = "SELECT to_regprocedure('public.tenant_in_scope()') IS NOT NULL"
_HAS_ROLES = "SELECT count(*) = 2 FROM pg_roles WHERE rolname IN (%s, %s)"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_COLUMNS = """
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname <> %s
"""
_OWNS_DATABASE = """
    SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database
    WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rows a role sees and writes; `role` is SQL."""

    name: str
    role: str
    rule: str

    def statements(self, table: str) -> list[str]:
        """SQL that puts it in force, in place of one with its name."""
        quoted = _quote(table)
        return [
            f"DROP POLICY IF EXISTS {self.name} ON {quoted}",
            f"CREATE POLICY {self.name} ON {quoted} TO {self.role} "
            f"USING ({self.rule}) WITH CHECK ({self.rule})",
        ]


def put_in_force(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Bring policies and grants to what this version means; does nothing where they are so.

    Each table's policies change in a transaction of their own, so that none waits for another.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        if not _is_so(cursor, _HAS_PROOFS):
            return
        has_roles = _is_so(cursor, _HAS_ROLES, APPLICATION, PLATFORM)
        policies = _policies(has_roles=has_roles)
        mark = _mark(policies)
        cursor.execute(_WALLED)
        for table, found in cursor.fetchall():
            if found != mark:
                with transaction.atomic(using=using):
                    _replace(cursor, table, policies, mark)
        if has_roles:
            with transaction.atomic(using=using):
                _grant(cursor)


def _policies(*, has_roles: bool) -> list[Policy]:
    return [
        Policy("tenant_isolation", "PUBLIC", _PROVED),
        # Migrations say their purpose, as platform work does; so does a role that does everything.
        Policy("owners_work", "CURRENT_USER", _WITH_PURPOSE),
        *([Policy("platform_work", PLATFORM, _WITH_PURPOSE)] if has_roles else []),
    ]


def _replace(cursor: CursorWrapper, table: str, policies: list[Policy], mark: str) -> None:
    for policy in policies:
        for statement in policy.statements(table):
            cursor.execute(statement)
    cursor.execute(f"COMMENT ON POLICY tenant_isolation ON {_quote(table)} IS '{mark}'")


def _grant(cursor: CursorWrapper) -> None:
    cursor.execute(_TABLES)
    for (table,) in cursor.fetchall():
        name = _quote(table)
        cursor.execute(f"REVOKE ALL ON {name} FROM PUBLIC, {APPLICATION}, {PLATFORM}")
        if table in _READ_ONLY:
            cursor.execute(f"GRANT SELECT ON {name} TO {APPLICATION}, {PLATFORM}")
            continue
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {PLATFORM}")
        if table in _ACCOUNTS:
            cursor.execute(_COLUMNS, [name, _ACCOUNTS[table]])
            cursor.execute(f"GRANT SELECT ({cursor.fetchone()[0]}) ON {name} TO {APPLICATION}")
        elif table not in _PLATFORM_ONLY:
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {APPLICATION}")
    # Columns take their numbers from their own sequences without a grant.
    cursor.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC")
    if _is_so(cursor, _OWNS_DATABASE):
        cursor.execute("SELECT current_database()")
        database = _quote(cursor.fetchone()[0])
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION}, {PLATFORM}")
        cursor.execute(f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC")


def _mark(policies: list[Policy]) -> str:
    """What the policies mean, in short: kept beside them, to see whether they are these."""
    return sha256(repr(policies).encode()).hexdigest()


def _is_so(cursor: CursorWrapper, question: str, *parameters: str) -> bool:
    cursor.execute(question, parameters)
    return bool(cursor.fetchone()[0])


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
