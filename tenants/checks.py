"""What must be true of the database before tenants' data may go in."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import ProgrammingError, connection

from tenants.crypto.rotation import find_lost_master_keys


def is_role_restricted() -> bool:
    """Whether row-level security binds the role that we work as."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    return row is not None and not row[0]


@register(Tags.database)
def check_role(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to migrate as a role that row-level security does not bind."""
    if not databases or is_role_restricted():
        return []
    return [
        Error(
            "DATABASE_URL connects as a role that bypasses row-level security.",
            hint="Connect as an ordinary role, or name one in DATABASE_ROLE.",
            id="tenants.E001",
        )
    ]


def describe_lost_master_keys() -> str | None:
    """One line about master keys that the database needs and KMS_MASTER_KEY lacks, else None.

    A database without tables needs none. Raises what the database raises.
    """
    try:
        lost = find_lost_master_keys()
    except ProgrammingError:
        return None
    if not lost:
        return None
    names = ", ".join(f"{name} ({number} keys)" for name, number in sorted(lost.items()))
    return (
        f"KMS_MASTER_KEY lacks master key {names}, without which sealed secrets do not open. "
        "Put it back, after the new one, separated by a comma."
    )


@register(Tags.database)
def check_master_keys(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to migrate without the master keys that the stored secrets need."""
    problem = describe_lost_master_keys() if databases else None
    return [] if problem is None else [Error(problem, id="tenants.E003")]


@register(Tags.database)
def check_session_limits(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Say when a pooler does not limit its sessions, which the product cannot do there itself."""
    if not databases or settings.DATABASE_POOLER == "none":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = '0'",
            [["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]],
        )
        unlimited = sorted(name for (name,) in cursor.fetchall())
    if not unlimited:
        return []
    return [
        Warning(
            f"The sessions behind the pooler have no {', '.join(unlimited)}: one stuck transaction "
            "may hold up everybody.",
            hint="Set them in PgBouncer's connect_query, as deploy/pgbouncer/pgbouncer.ini does.",
            id="tenants.W004",
        )
    ]
