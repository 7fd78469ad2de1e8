"""The stage and the servers' databases, for every test of the repository."""

import pytest

pytest_plugins = ["tests.stage", "tests.cast", "tests.browser", "tests.staff"]

# Behind each of these runs a program other than PostgreSQL and Redis: a product, a browser, the
# simulated Telegram.
_PROCESS_FIXTURES = frozenset({"stage", "rough_stage", "simulator", "simulator_process", "browser"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need processes, whichever way they come by them."""
    for item in items:
        if _PROCESS_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("processes")
