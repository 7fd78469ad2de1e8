"""What an outage of the database is, is decided in one place: no list of classes beside it."""

import ast

from tests.architecture.sources import all_sources

_CLASSES = {"OperationalError", "InterfaceError", "InternalError", "DatabaseError"}
# They raise one, or meet it before there is a connection of Django's.
_MAY_NAME_THEM = {
    "kernel/database.py",
    "kernel/service_threads.py",
}


def test_outages_are_told_by_is_outage_only() -> None:
    found = {
        source.path
        for source in all_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        and node.module in {"django.db", "django.db.utils", "psycopg"}
        and _CLASSES & {alias.name for alias in node.names}
    }
    assert found <= _MAY_NAME_THEM
