"""How to connect to PostgreSQL, from an address such as DATABASE_URL."""

from typing import Any
from urllib.parse import urlsplit

import environ
from psycopg.pq import Conninfo

from chatorical.env import refuse

_PORT = "5432"


def read_database(
    name: str,
    url: str,
    *,
    role: str,
    pooler: str,
    pool_size: int,
    statement_timeout_seconds: int,
) -> dict[str, Any]:
    """How to connect to the address in the setting `name`; one that cannot be used stops the start.

    `role` is assumed by each session. `pooler` says what stands before the server.
    """
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        refuse(name, "must start with postgres://. Only PostgreSQL is supported.")
    config: dict[str, Any] = environ.Env.db_url_config(url)
    options: dict[str, Any] = config.setdefault("OPTIONS", {})
    _check_parameters(name, options)
    want_the_primary(url, config)
    options.setdefault("connect_timeout", 5)
    # A pool, never CONN_MAX_AGE: under ASGI the latter keeps a connection per short-lived thread.
    options["pool"] = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 5,
        "max_idle": 120,
        # The pool's own pause doubles up to minutes; after an outage we want to be back at once.
        "reconnect_timeout": 2,
    }
    config["CONN_MAX_AGE"] = 0
    config["ATOMIC_REQUESTS"] = False
    if pooler == "transaction":
        if role or "options" in options:
            refuse(
                "DATABASE_ROLE" if role else name,
                "asks for a session's settings, which end at a pooler of transactions. "
                "Let the pooler make them: see “Behind PgBouncer” in docs/operations.md.",
            )
        # A statement may meet another session than the one before: nothing is left in one. (Django
        # prepares nothing by itself; a cursor outlives its statement only within a transaction.)
        config["DISABLE_SERVER_SIDE_CURSORS"] = True
        options["prepare_threshold"] = None
    else:
        _set_up_sessions(options, role, statement_timeout_seconds)
    return config


def _set_up_sessions(options: dict[str, Any], role: str, statement_timeout_seconds: int) -> None:
    # One stuck transaction must not hold up everybody who waits for its rows.
    session = {
        "lock_timeout": "4s",
        "idle_in_transaction_session_timeout": "60s",
        "statement_timeout": f"{statement_timeout_seconds}s",
    }
    if role:
        # Not Django's assume_role: it deadlocks with the pool (Django 5.2).
        session["role"] = role
    words = " ".join(f"-c {name}={value}" for name, value in session.items())
    options["options"] = f"{options.get('options', '')} {words}".strip()


def _check_parameters(name: str, options: dict[str, Any]) -> None:
    """Take away what only says the default, refuse what PostgreSQL's library does not know.

    Addresses are copied from programs whose libraries have parameters of their own.
    """
    schema = options.pop("schema", "public")
    if schema != "public":
        refuse(name, f"has ?schema={schema}. Only the schema public is used; remove it.")
    known = {default.keyword.decode() for default in Conninfo.get_defaults()}
    for parameter in options:
        if parameter not in known:
            refuse(
                name,
                f"has the parameter {parameter!r}, which PostgreSQL does not know. Remove it.",
            )


def want_the_primary(url: str, config: dict[str, Any]) -> None:
    """Complete Django's settings for an address that names several hosts.

    PostgreSQL's library takes the first host that answers, be it a standby that only reads, unless
    `target_session_attrs` says otherwise. A host without a port has the usual one.
    """
    config["HOST"] = config["HOST"].replace("[", "").replace("]", "")
    hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
    if len(hosts) > 1:
        config["PORT"] = ",".join(_port(host) for host in hosts)
    options = config["OPTIONS"]
    if len(hosts) > 1 or "," in options.get("host", ""):
        options.setdefault("target_session_attrs", "read-write")


def _port(host: str) -> str:
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    return port if colon and port else _PORT
