"""The restricted role in a database that is not ours."""

from urllib.parse import quote

import psycopg
from psycopg import sql

from chatorical.local.errors import LocalError

RESTRICTED_ROLE = "chatorical_app"


def restrict(database_url: str) -> str | None:
    """Make sure that row-level security binds whoever works in `database_url`.

    Returns None when its login is already bound by it. A superuser or BYPASSRLS login gets the
    role `chatorical_app` to step down to, whose name is returned: it may do what migrations and
    tests need, in this database and in those it creates, and nothing else.
    """
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT rolsuper OR rolbypassrls, current_database()"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            if row is None or not row[0]:
                return None
            _grant(connection, database=row[1])
    except psycopg.OperationalError as error:
        raise LocalError(f"DATABASE_URL does not answer: {str(error).strip()}") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise LocalError(
            "The login of DATABASE_URL bypasses row-level security but may not create the role "
            f"{RESTRICTED_ROLE} to step down to ({error.diag.message_primary}). "
            "Use an ordinary login, or create that role and grant it to the login."
        ) from error
    return RESTRICTED_ROLE


def as_role(database_url: str, role: str) -> str:
    """The address with which every connection begins in `role`."""
    separator = "&" if "?" in database_url else "?"
    return f"{database_url}{separator}options={quote(f'-c role={role}', safe='')}"


def _grant(connection: psycopg.Connection, *, database: str) -> None:
    role = sql.Identifier(RESTRICTED_ROLE)
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (RESTRICTED_ROLE,))
    if exists.fetchone() is None:
        try:
            connection.execute(
                sql.SQL("CREATE ROLE {} NOLOGIN CREATEDB NOSUPERUSER NOBYPASSRLS").format(role)
            )
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            return _grant(connection, database=database)  # another run was first
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    connection.execute(
        sql.SQL("GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            sql.Identifier(database), role
        )
    )
    connection.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(role))
