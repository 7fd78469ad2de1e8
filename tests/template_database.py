"""The database that databases of tests are copies of: migrated once, copied in a tenth of a second.

It stays on the server of the tests, named after what it was made from, so the next run finds it.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from tests.databases import addresses_of, own_database, owners_address
from tests.processes import ROOT, Product

_PREFIX = "migrated"
_LOCK = "SELECT pg_advisory_lock(hashtext('template of test databases'))"
# What a migrated database depends on.
_SOURCES = (
    *("*/migrations/*.py", "tenants/operations.py", "tenants/database/*.py"),
    *("deploy/postgres/*.sql", "requirements.txt"),
)


@contextmanager
def migrated_template() -> Iterator[str]:
    """The template's name; made when it is missing. Others wait for the end of the block.

    Nobody may be connected to it: copy it within the block.
    """
    name = f"{_PREFIX}_{_digest()}"
    with psycopg.connect(owners_address(dict(os.environ)), autocommit=True) as owner:
        owner.execute(_LOCK)
        if name not in _templates(owner):
            _make(owner, name)
        yield name


@contextmanager
def migrated_database(prefix: str) -> Iterator[dict[str, str]]:
    """A migrated database of one's own, dropped afterwards; yields the settings that lead to it."""
    with ExitStack() as stack:
        with migrated_template() as template:
            addresses = stack.enter_context(own_database(prefix, template=template))
        yield addresses


def _make(owner: psycopg.Connection, name: str) -> None:
    for stale in _templates(owner):
        owner.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(stale)))
    # A cut run leaves one behind that has another name.
    unfinished = f"{name}_new"
    owner.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
    with Product(addresses_of(unfinished)) as product:
        product.manage("migrate", "--verbosity", "0")
    rename = SQL("ALTER DATABASE {} RENAME TO {}")
    owner.execute(rename.format(Identifier(unfinished), Identifier(name)))


def _templates(owner: psycopg.Connection) -> list[str]:
    rows = owner.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{_PREFIX}_"]
    )
    return [name for (name,) in rows]


def _digest() -> str:
    files: set[Path] = {file for pattern in _SOURCES for file in ROOT.glob(pattern)}
    content = hashlib.sha256()
    for file in sorted(files):
        content.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return content.hexdigest()[:16]
