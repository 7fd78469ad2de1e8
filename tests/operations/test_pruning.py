"""Housekeeping by several workers at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from conversations.models import UsedSocketToken
from tenants import audit, pruning
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant


@pytest.fixture
def tenant(committed_db: None) -> Iterator[Tenant]:
    """A tenant whose rows are committed, so that other connections see them."""
    yield create_tenant(slug=f"t-{uuid4().hex}", name="T", actor=audit.SYSTEM)
    connection.close()


def used_tokens(tenant: Tenant, count: int) -> list[UsedSocketToken]:
    """So many that are of no use any more."""
    long_ago = timezone.now() - timedelta(days=1)
    with tenant_scope(tenant.pk):
        return UsedSocketToken.objects.bulk_create(
            UsedSocketToken(tenant=tenant, jti=uuid4(), expires_at=long_ago) for _ in range(count)
        )


def left(tenant: Tenant) -> int:
    with tenant_scope(tenant.pk):
        return UsedSocketToken.objects.count()


def delete_old_ones(tenant: Tenant, *, batch: int) -> int:
    """As a worker does it, in a connection of its own."""
    try:
        return pruning.delete_old(
            lambda: UsedSocketToken.objects.filter(
                tenant=tenant, expires_at__lt=timezone.now()
            ).order_by("expires_at"),
            batch=batch,
        )
    finally:
        connection.close()


def test_what_another_worker_deletes_right_now_is_passed_over(tenant: Tenant) -> None:
    used_tokens(tenant, 7)
    with tenant_scope(tenant.pk):
        taken = list(UsedSocketToken.objects.select_for_update()[:3])
        with ThreadPoolExecutor(1) as other:
            # It waits for nobody: a wait would end with an error after four seconds.
            assert other.submit(delete_old_ones, tenant, batch=100).result() == 4
        assert set(UsedSocketToken.objects.all()) == set(taken)
    assert delete_old_ones(tenant, batch=100) == 3
    assert left(tenant) == 0


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
def test_everything_goes_whatever_the_batches(tenant: Tenant, count: int) -> None:
    used_tokens(tenant, count)
    assert delete_old_ones(tenant, batch=10) == count
    assert left(tenant) == 0


def test_workers_share_the_work_and_count_each_row_once(tenant: Tenant) -> None:
    used_tokens(tenant, 400)
    with ThreadPoolExecutor(4) as workers:
        counts = workers.map(lambda _: delete_old_ones(tenant, batch=20), range(4))
        assert sum(counts) == 400
    assert left(tenant) == 0
