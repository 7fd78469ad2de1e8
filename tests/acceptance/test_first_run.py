"""An owner's first run, in Chromium: group, website, line on the page, message, answer.

The tenant is not the server's default one, and the owner makes the likely mistakes on the way.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tenants.audit import SYSTEM
from tenants.models import Member, User
from tenants.scope import tenant_scope
from tenants.services import add_member
from tests.acceptance.pages import website
from tests.browser import PATIENCE_MS, Visitor
from tests.cast import tenant_called
from tests.conftest import Stage

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Bakery</title></head>
<body><h1>Bakery</h1>SNIPPET</body>
</html>"""


@pytest.fixture(scope="module")
def session(stage: Stage, django_db_blocker: Any) -> str:
    """The cookie of a new tenant's owner; made before there is a browser."""
    with django_db_blocker.unblock():
        tenant = tenant_called(f"bakery-{uuid4().hex[:8]}")
        owner = User.objects.create_user(f"{uuid4().hex}@bakery.example", is_staff=True)
        with tenant_scope(tenant.pk) as scoped:
            add_member(tenant=scoped, user=owner, role=Member.Role.OWNER, actor=SYSTEM)
        client = Client()
        client.force_login(owner)
        return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def context(stage: Stage, session: str, browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        one.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": stage.web}]
        )
        one.grant_permissions(["clipboard-read", "clipboard-write"], origin=stage.web)
        yield one


def check_again(page: Page, result: str) -> None:
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text(result).first).to_be_visible(timeout=PATIENCE_MS)


def test_from_an_empty_workspace_to_an_answer(context: BrowserContext, stage: Stage) -> None:
    number = uuid4().int
    token, chat_id = f"{number % 10**9 + 10**9}:AA{uuid4().hex}", -(10**12 + number % 10**9)
    group = stage.simulator.add_support_group(token=token, chat_id=chat_id, username="bakery_bot")
    group.kick_bot()

    page = context.new_page()
    page.goto(f"{stage.web}/admin/")
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_label("Group id").fill(str(chat_id))
    page.get_by_label("Bot token").fill(token)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Telegram channels").click()
    page.get_by_role("link", name="bakery_bot").click()
    not_there = "The bot was removed from the group. Add it again."
    expect(page.get_by_text(not_there).first).to_be_visible(timeout=PATIENCE_MS)
    group.set_member(group.bot_id, standing="member")
    check_again(page, "The bot is a plain member: it cannot make topics")
    group.add_bot()
    check_again(page, "What customers write reaches the group.")

    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("Connected and checked.")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    snippet = page.evaluate("navigator.clipboard.readText()")
    with website(PAGE.replace("SNIPPET", snippet)) as address:
        page.get_by_role("link", name="Enter its address").click()
        page.get_by_label("Allowed websites").fill(address)
        page.get_by_role("button", name="Save").click()
        page.goto(f"{stage.web}/admin/")
        expect(page.get_by_text(f"Browsers show the chat on {address}")).to_be_visible()

        visitor = Visitor(context, address)
        visitor.start("Is there rye bread?")
        topic = group.wait_for_topic(visitor.codename)
        group.write("Ana", "/claim", topic.thread_id)
        expect(visitor.log.get_by_text("joined")).to_be_visible(timeout=PATIENCE_MS)
        group.write("Ana", "From seven o'clock.", topic.thread_id)
        visitor.sees("From seven o'clock.")
        assert visitor.faults == []
    page.goto(f"{stage.web}/admin/")
    expect(page.get_by_text("Four steps to the first conversation")).to_have_count(0)
