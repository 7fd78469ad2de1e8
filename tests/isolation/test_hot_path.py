"""The statements written out in SQL stand behind the same walls."""

from uuid import uuid4

import pytest
from django.db import connection

from channels_telegram import sql as telegram_hot
from conversations import sql as conversations_hot
from tenants.errors import ScopeRequired
from tenants.scope import platform_scope, tenant_scope
from tests.isolation.rows import Household


def test_the_hot_path_asks_for_a_scope_too(db: None) -> None:
    for find in (
        lambda: conversations_hot.find_locked(tenant_id=uuid4(), conversation_id=uuid4()),
        lambda: conversations_hot.find_agent(tenant_id=uuid4(), channel_user_id="1"),
        lambda: telegram_hot.find_shown(tenant_id=uuid4(), conversation_id=uuid4()),
    ):
        with pytest.raises(ScopeRequired):
            find()


def test_a_tenants_scope_inside_platform_work_sees_only_the_tenant(
    acme: Household, globex: Household
) -> None:
    with (
        platform_scope("tests"),
        tenant_scope(acme.tenant.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT DISTINCT tenant_id FROM conversations_conversation")
        assert cursor.fetchall() == [(acme.tenant.pk,)]
