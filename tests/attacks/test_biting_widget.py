"""Markup in all that the widget shows: the tenant's words, the customer's and the agent's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from playwright.sync_api import Browser, expect

from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.services import set_template
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.acceptance.pages import website
from tests.browser import PATIENCE_MS, Visitor
from tests.cast import Desk, setting, tenant_called
from tests.conftest import Stage

IMAGE = "<img src=x onerror=owned()>"
LABEL = "<b onmouseover=owned()>Eve</b>"
LINK = 'javascript:owned() https://a.example/"onmouseover=owned()//'


@pytest.fixture(scope="module")
def venomous(stage: Stage, django_db_blocker: object) -> Iterator[Tenant]:
    """A tenant that says nothing harmless; made before there is a browser."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        tenant = tenant_called(f"venom-{uuid4().hex[:8]}")
        with tenant_scope(tenant.pk) as scoped:
            for key in (TemplateKey.WAITING, TemplateKey.CLOSING):
                template = replace(BUILT_IN[key], text=f"{key.value} {IMAGE}")
                set_template(tenant=scoped, locale="default", template=template, actor=SYSTEM)
        with setting(tenant, "allowedOrigins", ["*"]), setting(tenant, "support.label", LABEL):
            yield tenant


@contextmanager
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """A thread for the database, which is closed to the one in which the browser runs."""
    with ThreadPoolExecutor(1) as thread:
        yield thread
        thread.submit(lambda: connection.close()).result()


def test_the_widget_shows_it_and_runs_nothing(
    stage: Stage, venomous: Tenant, browser: Browser, committed_db: None
) -> None:
    bites: list[str] = []
    html = (
        f'<!doctype html><body><script src="{stage.web}/widget.js"></script><script>'
        f"SupportChat.init({{locale: 'en', tenant: '{venomous.slug}'}})</script>"
    )
    with website(html) as address, browser.new_context(locale="en-GB") as context:
        context.expose_function("owned", lambda: bites.append("bitten"))
        visitor = Visitor(context, f"{address}/")
        conversation_id = visitor.start(f"{IMAGE} {LINK}")
        expect(visitor.log.get_by_text(f"waiting_for_agent {IMAGE}")).to_be_visible(
            timeout=PATIENCE_MS
        )
        desk = Desk(conversation_id, tenant=venomous)
        with elsewhere() as thread:
            for act in (desk.claim, lambda: desk.reply(f"{IMAGE} {LINK} again"), desk.close):
                thread.submit(act).result()
        expect(visitor.log.get_by_text(f"closing_message {IMAGE}")).to_be_visible(
            timeout=PATIENCE_MS
        )
        for _ in ("as it comes", "as it is read again"):
            expect(visitor.log.get_by_text(LABEL).first).to_be_visible()
            expect(visitor.log).to_contain_text(f"{IMAGE} {LINK} again")
            for selector in ("img[src=x]", "[onmouseover]", "a[href^='javascript:']"):
                assert visitor.page.locator(selector).count() == 0, selector
            visitor.come_back()
            visitor.log.get_by_text(f"closing_message {IMAGE}").wait_for()
        assert visitor.faults == []
    assert bites == []
