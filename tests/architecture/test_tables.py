"""What the migrated database itself guarantees about every tenant-owned table."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from tenants.database.roles import APPLICATION, PLATFORM
from tenants.models import TenantOwned
from tests.databases import as_owner

pytestmark = pytest.mark.django_db

OWNED = [model for model in apps.get_models() if issubclass(model, TenantOwned)]
OWNER = "chatorical_owner"
TABLES = [model._meta.db_table for model in OWNED]


def links(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
    """The columns of a model that refer to another tenant-owned row, and to which kind."""
    return [
        (field.column, field.related_model)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantOwned)
    ]


LINKS = [
    (model._meta.db_table, column, parent._meta.db_table)
    for model in OWNED
    for column, parent in links(model)
]


def rows(query: str, *parameters: str | list[str]) -> list[tuple[Any, ...]]:
    """What a query on the catalog answers."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def test_there_are_such_tables() -> None:
    assert {"conversations_conversation", "outbox_outboxitem", "tenants_setting"} <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_row_level_security_binds_even_the_owner(table: str) -> None:
    query = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
    assert rows(query, table) == [(True, True)]


@pytest.mark.parametrize("table", TABLES)
def test_the_policies_cover_reading_and_writing(table: str) -> None:
    policies = rows(
        "SELECT polname::text, polcmd::text, polpermissive, "
        "pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid), "
        "CASE WHEN polroles = '{0}' THEN 'PUBLIC' ELSE polroles::regrole[]::text END, "
        "pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = %s::regclass "
        "ORDER BY polname",
        table,
    )
    # Work of the platform asks for its role; only the tables' owner is believed what it says.
    names = [("owners_work", OWNER), ("platform_work", PLATFORM), ("tenant_isolation", "PUBLIC")]
    assert [(name, role.strip("{}")) for name, *_, role, _ in policies] == names
    assert {tuple(policy[1:4]) for policy in policies} == {("*", True, True)}
    assert "app.platform" in policies[0][5] and "app.platform" in policies[1][5]
    assert "tenant_in_scope()" in policies[2][5] and "app." not in policies[2][5]


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_a_tenant_are_found_by_an_index(table: str) -> None:
    leading = rows(
        "SELECT DISTINCT attribute.attname FROM pg_index "
        "JOIN pg_attribute attribute ON attribute.attrelid = pg_index.indrelid "
        "AND attribute.attnum = pg_index.indkey[0] "
        "WHERE pg_index.indrelid = %s::regclass AND pg_index.indpred IS NULL",
        table,
    )
    assert ("tenant_id",) in leading


@pytest.mark.parametrize(("table", "column", "parent"), LINKS)
def test_a_reference_carries_its_tenant(table: str, column: str, parent: str) -> None:
    keys = rows(
        "SELECT array_agg(own.attname::text ORDER BY position), "
        "array_agg(other.attname::text ORDER BY position), constraint_.convalidated "
        "FROM pg_constraint constraint_ "
        "CROSS JOIN LATERAL unnest(conkey, confkey) WITH ORDINALITY AS key(own, other, position) "
        "JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = key.own "
        "JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = key.other "
        "WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid = %s::regclass "
        "GROUP BY constraint_.oid, constraint_.convalidated",
        table,
        parent,
    )
    assert (["tenant_id", column], ["tenant_id", "id"], True) in keys


def references_that_may_cross() -> list[tuple[Any, ...]]:
    """Foreign keys to owned rows, from any table, that do not bind the tenants together."""
    return rows(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND confrelid::regclass::text = ANY(%s) AND NOT EXISTS ("
        "  SELECT FROM unnest(conkey, confkey) AS key(own, other) "
        "  JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = key.own "
        "  JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = key.other "
        "  WHERE own.attname = 'tenant_id' AND other.attname = 'tenant_id')",
        TABLES,
    )


def test_no_reference_to_owned_rows_leaves_the_tenant_out() -> None:
    assert references_that_may_cross() == []


def tables_of_tenants() -> set[object]:
    """Every table with a column for a tenant, by its name or by what it refers to."""
    named = rows(
        "SELECT table_name::text FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name = 'tenant_id'"
    )
    referring = rows(
        "SELECT conrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND confrelid = 'tenants_tenant'::regclass"
    )
    return {name for (name,) in named + referring}


def test_every_table_with_a_tenant_is_a_known_one() -> None:
    assert tables_of_tenants() == set(TABLES)


def test_nothing_in_the_database_reads_past_the_policies() -> None:
    """Views read as their owner, unless told otherwise; functions may run as theirs."""
    views = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND ("
        "relkind = 'm' OR relkind = 'v' "
        "AND NOT coalesce(reloptions @> '{security_invoker=true}', false))"
    )
    functions = rows(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    # It answers whose rows the transaction has proved to work for, and reads nothing of theirs.
    assert (views, functions) == ([], [("tenant_in_scope",)])


def test_what_a_careless_migration_makes_is_seen() -> None:
    """The checks above, shown what they are for."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE careless (id int, tenant_id uuid, "
            "conversation_id uuid REFERENCES conversations_conversation (id))"
        )
        cursor.execute("CREATE TABLE nameless (owner_id uuid REFERENCES tenants_tenant (id))")
        cursor.execute("CREATE VIEW window_into AS SELECT * FROM conversations_message")
        assert tables_of_tenants() - set(TABLES) == {"careless", "nameless", "window_into"}
        assert references_that_may_cross() == [("careless", "conversations_conversation")]
        for check in (
            test_row_level_security_binds_even_the_owner,
            test_the_policies_cover_reading_and_writing,
            test_rows_of_a_tenant_are_found_by_an_index,
        ):
            with pytest.raises(AssertionError):
                check("careless")
        with pytest.raises(AssertionError, match="window_into"):
            test_nothing_in_the_database_reads_past_the_policies()
        transaction.set_rollback(True)


def test_the_role_of_the_application_owns_nothing_and_is_bound_by_policies() -> None:
    assert rows("SELECT current_user::text") == [(APPLICATION,)]
    assert rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, "
        "pg_has_role(oid, %s, 'MEMBER'), pg_has_role(oid, %s, 'MEMBER') "
        "FROM pg_roles WHERE rolname = %s",
        OWNER,
        PLATFORM,
        APPLICATION,
    ) == [(False,) * 6]
    owners = rows(
        "SELECT DISTINCT relowner::regrole::text FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace "
        "UNION SELECT proowner::regrole::text FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace"
    )
    assert owners == [(OWNER,)]


def test_the_role_of_the_application_may_do_no_more_than_it_needs() -> None:
    """Rows of tables are all that it changes, and it takes numbers from no sequence by itself."""
    granted = rows(
        "SELECT privilege_type::text, string_agg(DISTINCT relkind::text, '' ORDER BY relkind::text)"
        " FROM pg_class CROSS JOIN LATERAL aclexplode(relacl)"
        " WHERE relnamespace = 'public'::regnamespace"
        " AND grantee IN (0, %s::regrole) GROUP BY 1 ORDER BY 1",
        APPLICATION,
    )
    assert granted == [("DELETE", "r"), ("INSERT", "r"), ("SELECT", "r"), ("UPDATE", "r")]
    assert rows(
        "SELECT has_schema_privilege(%s, 'public', 'CREATE'), "
        "has_database_privilege(%s, current_database(), 'CREATE'), "
        "has_database_privilege(%s, current_database(), 'TEMPORARY')",
        *[APPLICATION] * 3,
    ) == [(False, False, False)]
