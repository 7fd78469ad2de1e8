"""Two tenants that know nothing of each other."""

import pytest

from tests.isolation.rows import Household, settle


@pytest.fixture
def acme(db: None) -> Household:
    """A tenant with a row of every kind."""
    return settle("acme")


@pytest.fixture
def globex(db: None) -> Household:
    """Another one."""
    return settle("globex")
