"""Markup in everything that strangers may name, looked at by staff in a real browser.

The page's policy is watched too: a console that needs what it forbids would be broken by it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page

from conversations import services
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.services import set_template
from tenants.audit import SYSTEM
from tenants.models import User
from tenants.scope import tenant_scope
from tenants.services import rename_tenant
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.customer import Customer, arrive

IMAGE = "<img src=x onerror=owned()>"
BREAKOUT = "\"'></textarea></title></script><script>owned()</script>{{ 7*7 }}{% debug %}"


@pytest.fixture(scope="module")
def staff_cookie(stage: Stage, django_db_blocker: Any) -> str:
    """A signed-in person's session; made before there is a browser."""
    with django_db_blocker.unblock():
        client = Client()
        staff = User.objects.create_superuser(f"{uuid4().hex}@chatorical.example", "a passphrase")
        client.force_login(staff)
        return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(scope="module")
def bitten(stage: Stage, django_db_blocker: Any) -> Customer:
    """A conversation in which every word is an attack."""
    with django_db_blocker.unblock():
        tenant = tenant_called(f"bitten-{uuid4().hex[:8]}")
        visitor = arrive(stage.web, tenant=tenant.slug, name=IMAGE)
        visitor.send(f"{IMAGE}{BREAKOUT}")
        with tenant_scope(tenant.pk) as scoped:
            rename_tenant(tenant=scoped, name=f"{IMAGE} Ltd", actor=SYSTEM)
            services.change_note(
                tenant=scoped,
                conversation_id=UUID(visitor.conversation_id),
                note=f"{IMAGE}{BREAKOUT}",
                actor=SYSTEM,
            )
            template = replace(BUILT_IN[TemplateKey.WAITING], text=f"{IMAGE}{BREAKOUT}")
            set_template(tenant=scoped, locale="default", template=template, actor=SYSTEM)
        return visitor


@pytest.fixture(scope="module")
def page(stage: Stage, bitten: Customer, staff_cookie: str, browser: Browser) -> Iterator[Page]:
    """A new page of a browser that is opened last: while it runs, Django lets nobody write."""
    with browser.new_context() as context:
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": staff_cookie, "url": stage.web}]
        )
        yield context.new_page()


def test_staff_read_it_and_nothing_runs(stage: Stage, page: Page, bitten: Customer) -> None:
    bites: list[str] = []
    refused: list[str] = []
    page.expose_function("owned", lambda: bites.append(page.url))
    page.on("pageerror", lambda error: refused.append(str(error)))

    def listen(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            refused.append(said.text)

    page.on("console", listen)
    for path in (
        "",
        f"conversations/conversation/?q={bitten.codename.split('#')[-1]}",
        f"conversations/conversation/{bitten.conversation_id}/change/",
        f"conversations/conversation/?q={IMAGE}",
        "templates_i18n/messagetemplate/",
        "tenants/tenant/",
        f"tenants/tenant/{bitten.tenant_id}/change/",
        "tenants/auditentry/",
        f"nowhere/{IMAGE}",
    ):
        answer = page.goto(f"{stage.web}/admin/{path}", wait_until="load")
        assert answer is not None
        assert answer.status in {200, 404}, path
        assert page.locator("img[src=x]").count() == 0, path
    assert (bites, refused) == ([], [])


def test_the_words_are_shown_as_written(stage: Stage, page: Page, bitten: Customer) -> None:
    page.goto(
        f"{stage.web}/admin/conversations/conversation/{bitten.conversation_id}/change/",
        wait_until="load",
    )
    shown = page.locator("body").inner_text()
    assert shown.count(f"{IMAGE}{BREAKOUT}") >= 2, "the message and the note"
