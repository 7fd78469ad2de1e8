"""The roles of the product in a database that is not ours."""

from urllib.parse import quote

import psycopg
from psycopg import sql

from devtools import paths
from devtools.errors import LocalError

APPLICATION_ROLE = "chatorical_app"
OWNER_ROLE = "chatorical_owner"
_ROLES = paths.ROOT / "deploy" / "postgres" / "roles.sql"


def restrict(database_url: str) -> bool:
    """Make sure that row-level security can bind the login of `database_url`.

    False when its login is bound by it already. For a superuser or BYPASSRLS login the product's
    roles are made, to step down to: the owner may do what migrations and tests need, in this
    database and in those it creates, and nothing else.
    """
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT rolsuper OR rolbypassrls, current_database()"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            if row is None or not row[0]:
                return False
            _grant(connection, database=row[1])
    except psycopg.OperationalError as error:
        raise LocalError(f"DATABASE_URL does not answer: {str(error).strip()}") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise LocalError(
            "The login of DATABASE_URL bypasses row-level security but may not create the roles "
            f"to step down to ({error.diag.message_primary}). "
            "Use an ordinary login, or run deploy/postgres/roles.sql as a superuser."
        ) from error
    return True


def as_role(database_url: str, role: str) -> str:
    """The address with which every connection begins in `role`."""
    separator = "&" if "?" in database_url else "?"
    return f"{database_url}{separator}options={quote(f'-c role={role}', safe='')}"


def _grant(connection: psycopg.Connection, *, database: str) -> None:
    role = sql.Identifier(OWNER_ROLE)
    try:
        connection.execute(_ROLES.read_bytes())
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return _grant(connection, database=database)  # another run was first
    connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(role))
    connection.execute(
        sql.SQL("GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            sql.Identifier(database), role
        )
    )
    connection.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(role))
