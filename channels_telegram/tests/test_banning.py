"""Agents ban a customer, who then does not simply begin anew."""

from datetime import timedelta
from uuid import UUID

import pytest
import requests
from django.utils import timezone

from channels_telegram import texts
from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from conversations.bans.models import Ban
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.cast import Desk, setting
from tests.conftest import Stage
from tests.keyed_browser import KeyedBrowser


@pytest.fixture
def browser(stage: Stage) -> KeyedBrowser:
    """A visitor's browser that has begun a conversation."""
    return KeyedBrowser(stage.web, tenant="default").start()


def case_of(stage: Stage, browser: KeyedBrowser) -> Case:
    visitor = browser.customer()
    visitor.send("Buy cheap pots at my shop")
    topic = stage.group.wait_for_topic(visitor.codename, timeout_seconds=TIMEOUT_SECONDS)
    return Case(stage, visitor, topic, "Buy cheap pots at my shop")


def ban(case: Case) -> None:
    case.write("Ana", "/ban")
    case.told("Banned until ")


def test_a_banned_customer_does_not_begin_anew(
    stage: Stage, browser: KeyedBrowser, default_tenant: Tenant
) -> None:
    case = case_of(stage, browser)
    with setting(default_tenant, "bans.days", 7):
        ban(case)
    case.told(texts.BLOCKED_NOW)
    # With the same key from anywhere, and with any key from the same address.
    elsewhere = KeyedBrowser(stage.web, tenant="default", key=browser.key)
    assert_refused(elsewhere.try_start(), 403, "conversation_blocked")
    anew = KeyedBrowser(stage.web, tenant="default", address=browser.address)
    assert_refused(anew.try_start(), 403, "conversation_blocked")
    assert KeyedBrowser(stage.web, tenant="default").try_start().status_code == 201
    with tenant_scope(default_tenant.pk) as tenant:
        rows = Ban.objects.filter(tenant=tenant, conversation_id=case.customer.conversation_id)
        assert rows.count() == 2
        for row in rows:
            assert timedelta(days=6) < row.expires_at - timezone.now() < timedelta(days=7)
            assert browser.address not in row.mark
        actions = AuditEntry.objects.filter(
            tenant=tenant, object_id=case.customer.conversation_id
        ).values_list("action", flat=True)
        assert {"conversation.blocked", "conversation.banned"} <= set(actions)


def test_another_workspace_knows_nothing_of_it(
    stage: Stage, browser: KeyedBrowser, acme: Tenant
) -> None:
    ban(case_of(stage, browser))
    there = KeyedBrowser(stage.web, tenant="acme", key=browser.key, address=browser.address)
    assert there.try_start().status_code == 201


def test_a_ban_is_lifted_with_the_block(
    stage: Stage, browser: KeyedBrowser, default_tenant: Tenant
) -> None:
    case = case_of(stage, browser)
    case.write("Ana", "/unban")
    case.told(texts.NOT_BANNED)
    ban(case)
    case.write("Greg", "/UNBAN")
    case.told(texts.UNBANNED)
    again = KeyedBrowser(stage.web, tenant="default", key=browser.key, address=browser.address)
    assert again.try_start().status_code == 201
    with tenant_scope(default_tenant.pk) as tenant:
        assert not Ban.objects.filter(
            tenant=tenant, conversation_id=UUID(case.customer.conversation_id)
        ).exists()


def test_a_ban_ends(stage: Stage, browser: KeyedBrowser, default_tenant: Tenant) -> None:
    case = case_of(stage, browser)
    ban(case)
    with tenant_scope(default_tenant.pk) as tenant:
        Ban.objects.filter(
            tenant=tenant, conversation_id=UUID(case.customer.conversation_id)
        ).update(expires_at=timezone.now() - timedelta(seconds=1))
    again = KeyedBrowser(stage.web, tenant="default", key=browser.key, address=browser.address)
    assert again.try_start().status_code == 201


def test_a_page_of_the_first_release_does_not_begin_anew_either(stage: Stage) -> None:
    case = open_case(stage)
    ban(case)
    refused = requests.post(
        f"{stage.web}/v1/conversations/start",
        json={},
        headers={"X-Forwarded-For": case.customer.address},
        timeout=30,
    )
    assert_refused(refused, 403, "conversation_blocked")


def test_a_block_alone_lets_them_begin_anew(
    stage: Stage, browser: KeyedBrowser, default_tenant: Tenant
) -> None:
    case = case_of(stage, browser)
    Desk(case.customer.conversation_id, tenant=default_tenant).block()
    again = KeyedBrowser(stage.web, tenant="default", key=browser.key, address=browser.address)
    assert again.try_start().status_code == 201
