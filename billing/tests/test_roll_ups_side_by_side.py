"""Several beats and workers add up the same usage at the same time."""

import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from billing.metering import rollups
from billing.models import Metered, UsageDay, UsageFact, UsageHour
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

HOUR = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def busy(committed_db: None) -> Tenant:
    """A tenant that is committed, with a hundred facts of one hour."""
    tenant = create_tenant(slug=f"busy-{uuid4().hex[:12]}", name="Busy", actor=SYSTEM)
    with tenant_scope(tenant.pk):
        UsageFact.objects.bulk_create(
            UsageFact(
                id=uuid4(),
                tenant=tenant,
                kind=Metered.CUSTOMER_MESSAGES,
                conversation_id=tenant.pk,
                at=HOUR,
            )
            for _ in range(100)
        )
    return tenant


def test_two_runs_at_the_same_time_count_nothing_twice(busy: Tenant) -> None:
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        try:
            rollups.roll_up_tenant(busy.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {Metered.CUSTOMER_MESSAGES: 100, Metered.ACTIVE_CONVERSATIONS: 1}
    with tenant_scope(busy.pk):
        assert {row.kind: row.quantity for row in UsageHour.objects.all()} == expected
        assert {row.kind: row.quantity for row in UsageDay.objects.all()} == expected
