"""The database with a million rows."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.databases import as_owner, work_in
from tests.plans import crowd
from tests.template_database import migrated_database


@pytest.fixture(scope="module")
def million(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of its own, for a crowd would weigh on every other test.

    What tests write into it is committed and goes with it.
    """
    shared = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), migrated_database("million") as addresses:
        try:
            work_in(urlsplit(addresses["DATABASE_URL"]).path[1:])
            with as_owner():
                crowd.fill()
            yield
        finally:
            work_in(shared)
