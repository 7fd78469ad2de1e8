"""A visitor whom the page names reads what they talked about before, and goes back to the chat."""

import json
from functools import partial
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tenants.models import Tenant
from tests.acceptance.pages import website
from tests.acceptance.test_visitors import PAGE, tokens_for
from tests.aside import aside, let_embed
from tests.browser import PATIENCE_MS, Visitor, widget_words
from tests.cast import Desk, tenant_called
from tests.conftest import Stage

WORDS = widget_words("en")


@pytest.fixture
def bakery(committed_db: None) -> Tenant:
    """A tenant that no other test knows."""
    return aside(lambda: tenant_called(f"bakery-{uuid4().hex[:8]}"))


def open_menu(page: Page) -> None:
    page.get_by_role("button", name=WORDS["settings"]).click()
    expect(page.get_by_role("menuitem", name=WORDS["name"])).to_be_visible()


def open_list(page: Page) -> None:
    open_menu(page)
    page.get_by_role("menuitem", name=WORDS["earlierTitle"]).click()
    expect(page.get_by_role("button", name=WORDS["earlierBack"])).to_be_focused()


def test_earlier_conversations_are_listed_read_and_left(
    browser: Browser, stage: Stage, bakery: Tenant
) -> None:
    tokens = json.dumps(aside(lambda: tokens_for(bakery, "maya")))
    page_text = PAGE.replace("{web}", stage.web).replace("{tenant}", bakery.slug)
    with website(page_text.replace("{tokens}", tokens)) as address:
        let_embed(bakery, address)
        new_context = partial(browser.new_context, locale="en-GB")
        with new_context() as laptop, new_context() as phone, new_context() as library:
            first = Visitor(laptop, f"{address}/?who=maya")
            conversation_id = first.start("Do you have <b>blue</b> mugs?")
            first.has_sent()
            aside(lambda: Desk(conversation_id, tenant=bakery).close())

            now = Visitor(phone, f"{address}/?who=maya")
            page = now.page
            assert now.start("And plates?") != conversation_id
            now.has_sent()
            open_list(page)
            expect(now.composer).to_be_hidden()
            only = page.get_by_role("listitem").get_by_role("button")
            expect(only).to_contain_text("Do you have <b>blue</b> mugs?", timeout=PATIENCE_MS)
            expect(only).to_contain_text(WORDS["today"])
            only.click()
            said = page.get_by_role("log").get_by_text("Do you have <b>blue</b> mugs?", exact=True)
            expect(said).to_be_visible(timeout=PATIENCE_MS)
            expect(page.get_by_role("log").get_by_text("And plates?")).to_have_count(0)

            # By the keyboard: back to the list, to where one was in it, and to the chat.
            page.keyboard.press("Escape")
            expect(only).to_be_focused()
            page.keyboard.press("Escape")
            expect(now.composer).to_be_focused()
            now.sees("And plates?")
            assert now.faults == []

            nobody = Visitor(library, address)
            nobody.start("Hello")
            nobody.has_sent()
            open_menu(nobody.page)
            # The page could have named them; the server lists nothing to nobody in particular.
            nobody.page.get_by_role("menuitem", name=WORDS["earlierTitle"]).click()
            expect(nobody.page.get_by_text(WORDS["earlierEmpty"])).to_be_visible()


def test_a_list_that_cannot_be_had_says_so_and_is_tried_again(
    browser: Browser, stage: Stage, bakery: Tenant
) -> None:
    tokens = json.dumps(aside(lambda: tokens_for(bakery, "maya")))
    page_text = PAGE.replace("{web}", stage.web).replace("{tenant}", bakery.slug)
    with website(page_text.replace("{tokens}", tokens)) as address:
        let_embed(bakery, address)
        with browser.new_context(locale="en-GB") as context:
            visitor = Visitor(context, f"{address}/?who=maya")
            visitor.start("Hello")
            visitor.has_sent()
            page = visitor.page
            context.route("**/widget/menu-*", lambda route: route.abort())
            page.get_by_role("button", name=WORDS["settings"]).click()
            expect(page.get_by_text(WORDS["loadFailedTitle"])).to_be_visible()
            context.unroute("**/widget/menu-*")
            context.route("**/v2/sessions/*/conversations**", lambda route: route.abort())
            open_list(page)
            retry = page.get_by_role("button", name=WORDS["loadRetry"])
            expect(retry).to_be_visible()
            context.unroute("**/v2/sessions/*/conversations**")
            retry.click()
            expect(page.get_by_text(WORDS["earlierEmpty"])).to_be_visible()
            page.get_by_role("button", name=WORDS["earlierBack"]).click()
            expect(visitor.composer).to_be_focused()
