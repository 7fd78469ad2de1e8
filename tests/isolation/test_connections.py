"""A pooled connection carries nothing of the tenant it has served."""

import threading

import pytest
from django.conf import settings
from django.db import connection

from conversations.models import Conversation
from tenants import configuration
from tenants.errors import ScopeRequired
from tenants.scope import platform_scope, tenant_scope

pytestmark = pytest.mark.usefixtures("committed_db")

_STATE = """
    SELECT pg_backend_pid(), coalesce(current_setting('app.tenant_id', true), ''),
           coalesce(current_setting('app.platform', true), '')
"""


def state() -> tuple[int, str, str]:
    """Which backend serves us, and what it holds of a scope."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        row: tuple[int, str, str] = cursor.fetchone()
        return row


def returned_state_of(backend: int) -> tuple[str, str]:
    """What the next user of this backend finds, once it has gone back to the pool."""
    connection.close()
    for _ in range(settings.DB_POOL_SIZE):
        found, tenant_id, purpose = state()
        if found == backend:
            return tenant_id, purpose
        connection.close()
    raise AssertionError("the pool has not handed the connection out again")


def test_it_is_clean_after_a_commit() -> None:
    tenant_id = configuration.default_tenant_id()
    with tenant_scope(tenant_id):
        backend, seen, _ = state()
        assert seen == str(tenant_id)
    assert returned_state_of(backend) == ("", "")


def test_it_is_clean_after_a_failure() -> None:
    with pytest.raises(LookupError), tenant_scope(configuration.default_tenant_id()):
        backend, _, _ = state()
        raise LookupError
    assert returned_state_of(backend) == ("", "")


def test_it_is_clean_after_platform_work() -> None:
    with platform_scope("test"):
        backend, _, purpose = state()
        assert purpose == "test"
    assert returned_state_of(backend) == ("", "")


def test_it_is_clean_when_closed_in_the_middle() -> None:
    connection.set_autocommit(False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.platform', 'test', true)")
        backend, _, purpose = state()
        assert purpose == "test"
    finally:
        connection.close()
    assert returned_state_of(backend) == ("", "")


def test_a_scope_does_not_reach_into_another_thread() -> None:
    refused = []

    def look() -> None:
        try:
            Conversation.objects.exists()
        except ScopeRequired as error:
            refused.append(error)
        finally:
            connection.close()

    with tenant_scope(configuration.default_tenant_id()):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert len(refused) == 1
