"""What the roles that we work as could do beyond their work, by the setting that leads to each."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

from kernel.logins import is_standing_in, standing_in
from tenants.scope import platform_scope

_SETTING, _PLATFORM_SETTING = "DATABASE_URL", "PLATFORM_DATABASE_URL"
# By session_user: a session can go back from any role that it has stepped down to.
_POWERS = """
    SELECT rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb OR rolreplication,
        EXISTS (
            SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace
            AND pg_has_role(rolname, relowner, 'MEMBER')
        ),
        has_schema_privilege(rolname, 'public', 'CREATE')
            OR has_database_privilege(rolname, current_database(), 'CREATE')
            OR has_database_privilege(rolname, current_database(), 'TEMPORARY'),
        EXISTS (
            SELECT FROM pg_roles AS given WHERE given.rolname = ANY(%s)
            AND pg_has_role(pg_roles.rolname, given.oid, 'MEMBER')
        ),
        has_function_privilege(rolname, 'pg_stat_get_activity(int)', 'EXECUTE'),
        coalesce(pg_has_role(rolname, to_regrole('chatorical_platform'), 'MEMBER'), false)
    FROM pg_roles WHERE rolname = session_user
"""
_SERVERS_OWN = [
    "pg_read_all_data",
    "pg_write_all_data",
    "pg_read_server_files",
    "pg_write_server_files",
    "pg_execute_server_program",
    "pg_read_all_stats",
]
_NAMES = (
    "is superuser",
    "bypasses row-level security",
    "manages roles or databases",
    "owns tables",
    "creates objects",
    "reads past grants",
    "sees the statements of other sessions",
)
_DOES_PLATFORM_WORK = "does platform work"
_CAN_DO_PLATFORM_WORK = """
    SELECT current_user = 'chatorical_platform' OR pg_has_role(current_user, relowner, 'USAGE')
    FROM pg_class WHERE oid = to_regclass('public.tenants_tenant')
"""


def excessive_powers() -> list[str]:
    """What each login may and need not, as `DATABASE_URL: owns tables`; empty when all is well."""
    found = [f"{_SETTING}: {power}" for power in _powers(with_platform=True)]
    if settings.PLATFORM_DATABASE is not None:
        with standing_in(settings.PLATFORM_DATABASE):
            found += [f"{_PLATFORM_SETTING}: {power}" for power in _powers(with_platform=False)]
    return found


def can_do_platform_work() -> bool:
    """Whether a platform scope sees all tenants' rows; without that the outbox stands still."""
    with platform_scope("role check"), connection.cursor() as cursor:
        cursor.execute(_CAN_DO_PLATFORM_WORK)
        row = cursor.fetchone()
    # Before the first migration there is nothing to see.
    return row is None or bool(row[0])


def _powers(*, with_platform: bool) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_POWERS, [_SERVERS_OWN])
        *powers, does_platform_work = cursor.fetchone()
    if powers[0]:
        # It may everything; the rest would only repeat that.
        return [_NAMES[0]]
    found = [name for name, has in zip(_NAMES, powers, strict=True) if has]
    return [*found, *([_DOES_PLATFORM_WORK] if with_platform and does_platform_work else [])]


@register(Tags.database)
def check_powers(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Say which login could do more than it needs; migrating is the owner's, who may."""
    owner = settings.OWNER_DATABASE
    if not databases or (owner is not None and is_standing_in(owner)):
        return []
    found = excessive_powers()
    if not found:
        return []
    return [
        Warning(
            f"Database logins may do more than they need. {'; '.join(found)}.",
            hint="Three logins keep SQL that slips in apart from other tenants: see “The "
            "database's roles” in docs/operations.md.",
            id="tenants.W005",
        )
    ]
