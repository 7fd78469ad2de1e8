"""Two tenants that know nothing of each other."""

from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.utils import CursorWrapper

from tests.isolation.rows import Household, settle
from tests.isolation.watching import Watch


@pytest.fixture
def acme(db: None) -> Household:
    """A tenant with a row of every kind."""
    return settle(f"acme-{uuid4().hex[:12]}")


@pytest.fixture
def globex(db: None) -> Household:
    """Another one."""
    return settle(f"globex-{uuid4().hex[:12]}")


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """One for this test; the statements are executed all the same."""
    watching = Watch()
    wrapper: Any = CursorWrapper
    execute = wrapper._execute_with_wrappers

    def heard(cursor: CursorWrapper, sql: Any, params: Any, *, many: bool, executor: Any) -> Any:
        watching.hear(sql)
        return execute(cursor, sql, params, many=many, executor=executor)

    monkeypatch.setattr(CursorWrapper, "_execute_with_wrappers", heard)
    return watching
