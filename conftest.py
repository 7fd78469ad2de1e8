"""The stage and the servers' databases, for every test of the repository."""

import pytest
from django.conf import settings

pytest_plugins = ["tests.stage", "tests.cast", "tests.browser", "tests.staff"]

# Behind each of these runs a program other than PostgreSQL and Redis: a product, a browser, the
# simulated Telegram.
_PROCESS_FIXTURES = frozenset({"stage", "rough_stage", "simulator", "simulator_process", "browser"})


def pytest_configure() -> None:
    """Let fixtures make people without the time that a real hash takes by design."""
    _, *others = settings.PASSWORD_HASHERS
    settings.PASSWORD_HASHERS = ["tests.hashing.QuickScryptPasswordHasher", *others]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need processes, whichever way they come by them."""
    for item in items:
        if _PROCESS_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("processes")
