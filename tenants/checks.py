"""What must be true of the database before tenants' data may go in."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import ProgrammingError, connection

from tenants.key_rotation import find_lost_master_keys


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
