"""The database keeps tenants apart, also from code that has forgotten to ask."""

from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, NotSupportedError, ProgrammingError, connection, transaction
from django.db.models import ForeignKey

from tenants.errors import ScopeConflict, ScopeRequired, TenantNotFound
from tenants.models import TenantOwned
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.rows import MAKERS, Household

REFUSED = "row-level security"
KINDS = pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)
LINKS = [
    (model, field.name)
    for model in MAKERS
    for field in model._meta.concrete_fields
    if isinstance(field, ForeignKey) and issubclass(field.related_model, TenantOwned)
]


def owners(model: type[TenantOwned]) -> list[UUID]:
    """Whose rows raw SQL sees at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT tenant_id FROM {model._meta.db_table}")
        return [row[0] for row in cursor.fetchall()]


def execute(statement: str, *parameters: UUID) -> int:
    """Run raw SQL; returns the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def test_every_kind_of_row_is_tried() -> None:
    owned = {model for model in apps.get_models() if issubclass(model, TenantOwned)}
    assert set(MAKERS) == owned


@KINDS
def test_raw_sql_sees_only_what_the_scope_allows(
    model: type[TenantOwned], acme: Household, globex: Household
) -> None:
    assert owners(model) == []
    with tenant_scope(acme.tenant.pk):
        assert owners(model) == [acme.tenant.pk]
    with tenant_scope(globex.tenant.pk):
        assert owners(model) == [globex.tenant.pk]
    with platform_scope("test"):
        assert {acme.tenant.pk, globex.tenant.pk} <= set(owners(model))
    assert owners(model) == []


@KINDS
def test_the_manager_asks_whose_rows_are_meant(
    model: type[TenantOwned], acme: Household, globex: Household
) -> None:
    with pytest.raises(ScopeRequired):
        model.objects.exists()
    with tenant_scope(acme.tenant.pk):
        assert {row.tenant_id for row in model.objects.all()} == {acme.tenant.pk}


@KINDS
def test_a_row_for_another_tenant_is_refused(
    model: type[TenantOwned], acme: Household, globex: Household
) -> None:
    foreign = MAKERS[model](globex)
    with (
        tenant_scope(acme.tenant.pk),
        pytest.raises(ProgrammingError, match=REFUSED),
        transaction.atomic(),
    ):
        foreign.save(force_insert=True)


@KINDS
def test_a_row_without_a_scope_is_refused(model: type[TenantOwned], acme: Household) -> None:
    with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
        MAKERS[model](acme).save(force_insert=True)


@KINDS
def test_a_row_cannot_be_given_away(
    model: type[TenantOwned], acme: Household, globex: Household
) -> None:
    statement = f"UPDATE {model._meta.db_table} SET tenant_id = %s"
    with (
        tenant_scope(acme.tenant.pk),
        pytest.raises(ProgrammingError, match=REFUSED),
        transaction.atomic(),
    ):
        execute(statement, globex.tenant.pk)


@KINDS
def test_another_tenants_rows_cannot_be_changed_or_deleted(
    model: type[TenantOwned], acme: Household, globex: Household
) -> None:
    table = model._meta.db_table
    with tenant_scope(acme.tenant.pk):
        assert execute(f"DELETE FROM {table} WHERE tenant_id = %s", globex.tenant.pk) == 0
        changed = f"UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = %s"
        assert execute(changed, globex.tenant.pk) == 0
    with tenant_scope(globex.tenant.pk):
        assert owners(model) == [globex.tenant.pk]


@pytest.mark.parametrize(("model", "field"), LINKS, ids=[f"{m.__name__}.{f}" for m, f in LINKS])
def test_a_reference_cannot_leave_the_tenant(
    model: type[TenantOwned], field: str, acme: Household, globex: Household
) -> None:
    row = MAKERS[model](acme)
    parent = model._meta.get_field(field).related_model
    assert isinstance(parent, type)
    foreign = {type(value): value for value in vars(globex).values()}
    setattr(row, field, foreign[parent])
    # With every row visible, so that it is the foreign key that refuses.
    with (
        platform_scope("test"),
        pytest.raises(IntegrityError, match="_in_tenant"),
        transaction.atomic(),
    ):
        # Of some kinds there is one row for each parent: that must not be what refuses.
        execute(f"DELETE FROM {model._meta.db_table} WHERE tenant_id = %s", acme.tenant.pk)
        row.save(force_insert=True)


def test_the_policies_cannot_be_switched_off_by_a_session(acme: Household) -> None:
    with pytest.raises((NotSupportedError, ProgrammingError)), transaction.atomic():
        execute("SET LOCAL row_security = off")
        execute("SELECT count(*) FROM conversations_message")


def test_scopes_of_two_tenants_do_not_mix(acme: Household, globex: Household) -> None:
    with tenant_scope(acme.tenant.pk):
        with pytest.raises(ScopeConflict), tenant_scope(globex.tenant.pk):
            pass
        with pytest.raises(ScopeConflict), platform_scope("test"):
            pass
        with tenant_scope(acme.tenant.pk) as same:
            assert same.pk == acme.tenant.pk


def test_platform_work_narrows_to_a_tenant_and_widens_again(
    acme: Household, globex: Household
) -> None:
    model = type(acme.conversation)
    with platform_scope("test"):
        with tenant_scope(acme.tenant.pk):
            assert set(model.objects.values_list("tenant_id", flat=True)) == {acme.tenant.pk}
        assert {acme.tenant.pk, globex.tenant.pk} <= set(owners(model))


def test_an_unknown_tenant_has_no_scope(db: None) -> None:
    unknown = UUID("00000000-0000-4000-8000-000000000000")
    with pytest.raises(TenantNotFound), tenant_scope(unknown):
        pass
