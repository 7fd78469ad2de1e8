"""The database with a million rows."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from tests.databases import as_owner, work_in
from tests.plans import crowd


@pytest.fixture(scope="module")
def million(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of its own, for a crowd would weigh on every other test.

    What tests write into it is committed and goes with it.
    """
    shared, own = connection.settings_dict["NAME"], f"test_million_{uuid4().hex[:8]}"
    with django_db_blocker.unblock():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {own} ENCODING 'UTF8'")
        try:
            work_in(own)
            with as_owner():
                call_command("migrate", verbosity=0)
                crowd.fill()
            yield
        finally:
            work_in(shared)
            with as_owner(), connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {own} WITH (FORCE)")
