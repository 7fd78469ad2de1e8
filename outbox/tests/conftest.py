"""What the tests of the outbox share."""

from collections.abc import Iterator

import pytest
from django.db import connection

from outbox.models import OutboxHold, OutboxItem
from outbox.tests.office import Office
from tenants.scope import tenant_scope


@pytest.fixture
def office(committed_db: None) -> Iterator[Office]:
    opened = Office()
    yield opened
    with tenant_scope(opened.tenant.pk):
        OutboxItem.objects.all().delete()
        OutboxHold.objects.all().delete()
    connection.close()
