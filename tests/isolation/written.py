"""All that is stored for a tenant, as text: for comparing, and for looking for others in it."""

from uuid import UUID

from django.apps import apps
from django.db import connection

from tenants.models import Tenant, TenantOwned
from tenants.scope import platform_scope

_TABLES = [
    (model._meta.db_table, model._meta.pk.attname)
    for model in apps.get_models()
    if issubclass(model, TenantOwned)
]


def written_for(tenant: Tenant) -> dict[str, str]:
    """Every row of the tenant as text, by table and key; payloads and all."""
    rows: dict[str, str] = {}
    with platform_scope("tests"), connection.cursor() as cursor:
        for table, key in _TABLES:
            cursor.execute(
                f'SELECT "{key}"::text, row_to_json(one)::text FROM "{table}" AS one '
                "WHERE tenant_id = %s",
                [tenant.pk],
            )
            rows |= {f"{table} {pk}": text for pk, text in cursor.fetchall()}
    return rows


def names_of(tenant: Tenant, rows: dict[str, str]) -> set[str]:
    """What another tenant's rows must not say: the tenant's ids and its name."""
    ids = {name.split()[-1] for name in rows}
    # Numbers that a sequence has given out may be anything.
    return {str(tenant.pk), tenant.slug} | {name for name in ids if _is_uuid(name)}


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def assert_apart(one: Tenant, other: Tenant) -> None:
    """Neither's rows say anything of the other's."""
    rows = {tenant.pk: written_for(tenant) for tenant in (one, other)}
    for tenant, neighbour in ((one, other), (other, one)):
        forbidden = names_of(neighbour, rows[neighbour.pk])
        assert len(forbidden) > 2
        for name, text in rows[tenant.pk].items():
            said = {word for word in forbidden if word in text}
            assert not said, f"{name} of {tenant.slug} speaks of {said}"
