"""A new release is brought up while the former one serves: no migration may hold a big table."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.migrations import AddIndex, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader

from tenants.operations import AddIndexConcurrentlySafely

BIG = {"conversation", "message", "outboxitem", "inboxupdate", "messagelink", "topic"}


def ours() -> Iterator[tuple[str, str, Migration]]:
    """Every migration of our own apps."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in loader.disk_migrations.items():
        if "site-packages" not in apps.get_app_config(app).path:
            yield app, name, migration


@pytest.mark.parametrize(
    ("app", "name", "migration"),
    [
        pytest.param(*found, id=f"{found[0]}-{found[1]}")
        for found in sorted(ours(), key=lambda one: one[:2])
    ],
)
def test_indexes_of_big_tables_are_built_beside_the_traffic(
    app: str, name: str, migration: Migration
) -> None:
    made_here = {op.name_lower for op in migration.operations if isinstance(op, CreateModel)}
    for operation in migration.operations:
        if isinstance(operation, AddIndex) and not isinstance(
            operation, AddIndexConcurrentlySafely
        ):
            table = operation.model_name.lower()
            assert table in made_here or table not in BIG, (
                f"{app} {name}: use AddIndexConcurrentlySafely"
            )
