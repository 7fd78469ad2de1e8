"""Two tenants that know nothing of each other."""

from uuid import uuid4

import pytest

from tests.isolation.rows import Household, settle


@pytest.fixture
def acme(db: None) -> Household:
    """A tenant with a row of every kind."""
    return settle(f"acme-{uuid4().hex[:12]}")


@pytest.fixture
def globex(db: None) -> Household:
    """Another one."""
    return settle(f"globex-{uuid4().hex[:12]}")
