"""A tenant's own look, set once and seen on its pages, in the visitor's browser."""

import json
import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from templates_i18n.services import set_translations
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_setting
from tests.acceptance.pages import website
from tests.aside import aside, let_embed
from tests.browser import Visitor
from tests.cast import tenant_called
from tests.conftest import Stage

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>Bakery</title></head>
<body><h1>Bakery</h1><script src="WEB/widget.js"></script>
<script>window.events = []; SCRIPT</script></body>
</html>"""
CONFIG = re.compile(r"/v2/widget/config\?")
SETTINGS = {
    "widget.brand": "#b3261e",
    "widget.position": "left",
    "widget.radius": 2,
    "widget.contact": "help@bakery.example",
    "widget.showSoundToggle": False,
}
RED, TEAL, BLUE = "rgb(179, 38, 30)", "rgb(0, 128, 128)", "rgb(59, 91, 219)"


@pytest.fixture(scope="module")
def bakery(stage: Stage) -> Tenant:
    """A tenant with a look and a title of its own."""

    def furnish() -> Tenant:
        tenant = tenant_called(f"bakery-{uuid4().hex[:8]}")
        with tenant_scope(tenant.pk) as scoped:
            for key, value in SETTINGS.items():
                set_setting(tenant=scoped, key=key, value=value, actor=SYSTEM)
            set_translations(
                tenant=scoped, locale="en", texts={"title": "Blue Bakery"}, actor=SYSTEM
            )
        return tenant

    return aside(furnish)


Site = Callable[[str], str]


@pytest.fixture(scope="module")
def site(stage: Stage, bakery: Tenant) -> Iterator[Site]:
    """The address of a page with this script; `TENANT` in it is the bakery's slug."""
    sites = []

    def serve(script: str) -> str:
        page = PAGE.replace("WEB", stage.web).replace("SCRIPT", script)
        sites.append(website(page.replace("TENANT", bakery.slug)))
        address = sites[-1].__enter__()
        let_embed(bakery, address)
        return address

    yield serve
    for one in sites:
        one.__exit__(None, None, None)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


def brand(page: Page) -> str:
    color = page.locator(".launcher").evaluate("button => getComputedStyle(button).backgroundColor")
    return str(color)


def side(page: Page) -> str | None:
    return page.locator("support-chat .root").get_attribute("data-side")


def test_what_the_tenant_has_set_is_seen_before_anything_else(
    context: BrowserContext, site: Site, stage: Stage
) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(stage.web)))
    page.goto(site("SupportChatV2.init({tenant: 'TENANT', onEvent: e => events.push(e.type)});"))
    launcher = page.get_by_role("button", name="Open chat")
    expect(launcher).to_be_visible()
    assert (brand(page), side(page)) == (RED, "left")
    launcher.click()
    expect(page.locator("support-chat .panel")).to_have_css("border-top-left-radius", "2px")
    expect(page.get_by_role("heading", name="Blue Bakery")).to_be_visible()
    page.get_by_role("button", name="Chat settings").click()
    expect(page.get_by_role("menuitem", name="Your name")).to_be_visible()
    expect(page.get_by_role("menuitemcheckbox", name="Sound")).to_have_count(0)
    page.get_by_role("button", name="Close chat").first.click()
    assert page.evaluate("events") == ["opened", "closed"]
    # One call brings look and texts.
    assert [path for path in asked if path.startswith(("/v1", "/v2"))] == [
        path for path in asked if CONFIG.search(path)
    ]
    assert len([path for path in asked if CONFIG.search(path)]) == 1


def test_the_page_has_the_last_word(context: BrowserContext, site: Site) -> None:
    options = {"position": "right", "theme": {"brand": "teal"}, "strings": {"title": "Ask us"}}
    visitor = Visitor(
        context, site(f"SupportChat.init({{tenant: 'TENANT', ...{json.dumps(options)}}});")
    )
    assert (brand(visitor.page), side(visitor.page)) == (TEAL, "right")
    expect(visitor.page.get_by_role("heading", name="Ask us")).to_be_visible()
    assert visitor.faults == []


@pytest.mark.parametrize("fault", ["refused", "silent"])
def test_without_the_configuration_the_chat_works(
    context: BrowserContext, site: Site, fault: str
) -> None:
    """The server says no, or nothing at all."""

    def fail(route: Route) -> None:
        if fault == "refused":
            route.fulfill(status=503, body="away", headers={"Access-Control-Allow-Origin": "*"})

    context.route(CONFIG, fail)
    visitor = Visitor(context, site("SupportChatV2.init({tenant: 'TENANT'});"))
    assert (brand(visitor.page), side(visitor.page)) == (BLUE, "right")
    visitor.start("Do you have rye bread?")
    visitor.has_sent()
    assert (visitor.faults, visitor.told) == ([], [])


def test_a_server_that_was_away_is_asked_again(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.clock.install()
    page.route(CONFIG, lambda route: route.abort(), times=1)
    page.goto(site("SupportChatV2.init({tenant: 'TENANT'});"))
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    assert brand(page) == BLUE
    page.clock.fast_forward(66_000)
    expect(page.locator(".launcher")).to_have_css("background-color", RED)
    assert side(page) == "left"


def test_a_page_of_the_first_contract_asks_for_nothing_more(
    context: BrowserContext, site: Site, stage: Stage
) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(stage.web)))
    page.goto(site("SupportChat.init();"))
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    assert [path for path in asked if path.startswith(("/v1", "/v2"))] == []


def test_the_newer_name_asks_for_the_default_tenants(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    with page.expect_response(CONFIG) as answered:
        page.goto(site("SupportChatV2.init({open: true});"))
    assert answered.value.json()["tenant"] == "default"
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
