"""The stage and the servers' databases, for every test of the repository."""

import pytest

pytest_plugins = ["tests.stage", "tests.cast", "tests.browser", "tests.staff"]

# A minute or more each: begun first, so that no worker is left alone with one at the end.
_LONG_FILES = (
    "tests/plans/test_million_rows.py",
    "tests/operations/test_layouts.py",
    "tests/acceptance/test_faults.py",
    "tests/acceptance/test_console_access.py",
    "tests/operations/test_key_rotation.py",
    "tests/acceptance/test_states_of_redis.py",
    "tests/operations/test_standing_still.py",
    "tests/pooling/test_behind_pgbouncer.py",
    "tests/operations/test_figures.py",
    "tests/local/test_demo.py",
    "tests/operations/test_request_ids.py",
    "tests/acceptance/test_states_of_postgres.py",
    "tests/properties/test_conversations.py",
    "tests/operations/test_alerts.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, then all others in their own order."""
    places = {name: place for place, name in enumerate(_LONG_FILES)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))
