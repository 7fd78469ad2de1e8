"""What must be true of the database before tenants' data may go in."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection


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
