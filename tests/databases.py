"""Databases of the tests' server, and the logins that lead to them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.errors import InsufficientPrivilege

from kernel.logins import standing_in
from tenants import configuration
from tenants.crypto import sealing
from tenants.database import scope_proofs
from tenants.database.roles import PLATFORM

_SETTINGS = ("DATABASE_URL", "PLATFORM_DATABASE_URL", "MIGRATE_DATABASE_URL")


def addresses_of(database: str) -> dict[str, str]:
    """The settings with which the product works in this database, a login for each work."""
    given = {name: os.environ[name] for name in _SETTINGS if name in os.environ}
    return {
        name: urlunsplit(urlsplit(url)._replace(path=f"/{database}")) for name, url in given.items()
    }


def addresses_of_tests() -> dict[str, str]:
    """The same for the database that pytest-django has made."""
    return addresses_of(connection.settings_dict["NAME"])


def owners_address(addresses: dict[str, str]) -> str:
    """The login of migrations; with one login, that."""
    return addresses.get("MIGRATE_DATABASE_URL", addresses["DATABASE_URL"])


@contextmanager
def own_database(prefix: str, *, template: str = "template1") -> Iterator[dict[str, str]]:
    """A database of one's own, dropped afterwards; yields the settings that lead to it."""
    name = f"{prefix}_{uuid4().hex[:12]}"
    server = owners_address(dict(os.environ))
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield addresses_of(name)
    finally:
        with psycopg.connect(server, autocommit=True) as owner:
            try:
                owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            except InsufficientPrivilege:
                # Another login's session that is just ending; without force PostgreSQL waits.
                owner.execute(f'DROP DATABASE "{name}"')


@contextmanager
def as_owner() -> Iterator[None]:
    """This thread's connection is that of the tables' owner, outside of a test's transaction."""
    config: dict[str, Any] | None = settings.OWNER_DATABASE
    if config is not None:
        config["NAME"] = connection.settings_dict["NAME"]
    with standing_in(config):
        yield


def allow_analyzing(table: str) -> None:
    """Let platform work refresh the planner's figures, which is otherwise its owner's."""
    if settings.OWNER_DATABASE is None:
        return
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f'GRANT MAINTAIN ON "{table}" TO {PLATFORM}')


@contextmanager
def all_rows(addresses: dict[str, str]) -> Iterator[psycopg.Connection]:
    """A transaction that sees every tenant's rows in this database."""
    url = addresses.get("PLATFORM_DATABASE_URL", addresses["DATABASE_URL"])
    with psycopg.connect(url) as client:
        client.execute("SELECT open_platform_scope('tests')")
        yield client


def work_in(database: str) -> None:
    """Let every connection of this process lead there from now on."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # its stubs know no pool
    connection.settings_dict["NAME"] = database
    # Each database has tenants and keys of its own.
    configuration.forget_everything()
    sealing.forget_keys()
    scope_proofs.remember_key(None)
