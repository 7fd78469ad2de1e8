"""A page of a long list is read along the index, wherever it begins."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chatorical.rest.paging import PageRequest, Position
from conversations import selectors
from conversations.models import OPEN_STATUSES
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

_MANY = """
    INSERT INTO conversations_conversation
        (id, tenant_id, codename, customer_name, about_note, locale, status, last_seq,
         created_at, updated_at)
    SELECT gen_random_uuid(), %s, 'Grey Heron ' || n, '', '', 'default', 'OPEN_UNCLAIMED', 0,
           now() - n * '1 s'::interval, now()
    FROM generate_series(1, 5000) n
"""


@pytest.fixture
def busy(db: None) -> Tenant:
    """A tenant with many conversations."""
    tenant = create_tenant(slug="busy", name="Busy", actor=SYSTEM)
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute(_MANY, [tenant.pk])
        cursor.execute("ANALYZE conversations_conversation")
    return tenant


@pytest.mark.parametrize("statuses", [None, OPEN_STATUSES])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_page_follows_the_index(
    busy: Tenant, statuses: tuple[str, ...] | None, is_first: bool
) -> None:
    middle = Position(timezone.now() - timedelta(seconds=2_500), busy.pk)
    page = PageRequest("test", 50, None if is_first else middle)
    with tenant_scope(busy.pk) as tenant:
        rows = selectors.list_conversations(tenant=tenant, statuses=statuses)
        plan = page.ordered(rows)[:51].explain()
        found = page.take(rows)
    assert "conversation_newest" in plan
    assert "Seq Scan on conversations_conversation" not in plan
    assert len(found.rows) == 50
