"""What a page loads of the chat, when, and what becomes of it when something does not come."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tenants import widget_build
from tests.acceptance.pages import website
from tests.browser import Visitor, widget_words
from tests.conftest import Stage

PART = re.compile(r"/widget/[\w-]+\.js")
ENGINE = re.compile(r"/widget/engine-")
PRESENT_LOADER = re.compile(r"/widget\.min\.js\?now=")
INIT = "SupportChat.init({locale: 'en'})"
LOOK = re.compile(r"/widget/look-")
ROUTES = re.compile(r"/widget/routes-")
COLOURED = "<style>:root { --color-primary-main: #00005a }</style>"
PAINTED = re.compile("--")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


def page_with(stage: Stage, head: str = "", attributes: str = "", init: str = INIT) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>'
        f'<link rel="icon" href="data:,">{head}</head><body><h1>Mugs</h1>'
        f'<script src="{stage.web}/widget.js" {attributes}></script>'
        f"<script {attributes}>{init}</script></body></html>"
    )


def asked_of(page: Page, stage: Stage) -> list[str]:
    """The paths that the page asks of the server from now on; parts without their hashes."""
    paths: list[str] = []

    def note(url: str) -> None:
        if url.startswith(stage.web):
            paths.append(re.sub(r"-[\w-]{20}\.js", "", urlsplit(url).path))

    page.on("request", lambda request: note(request.url))
    return paths


def press(page: Page) -> None:
    page.get_by_role("button", name=widget_words("en")["launcherOpen"]).click()


def test_nothing_but_the_loader_before_the_first_click(
    context: BrowserContext, stage: Stage
) -> None:
    with website(page_with(stage)) as address:
        page = context.new_page()
        asked = asked_of(page, stage)
        page.goto(address, wait_until="networkidle")
        assert asked == ["/widget.js"]
        press(page)
        expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
        assert sorted(asked[1:3]) == ["/widget/en", "/widget/engine"]


def test_a_conversation_needs_no_click(context: BrowserContext, stage: Stage) -> None:
    with website(page_with(stage)) as address:
        visitor = Visitor(context, address)
        visitor.start("Hello")
        visitor.page.get_by_role("button", name="Close chat").first.click()
        asked = asked_of(visitor.page, stage)
        with visitor.page.expect_response(re.compile("/widget/en-")):
            visitor.page.reload()
        assert "/widget/engine" in asked
        expect(visitor.page.locator("support-chat .panel")).to_be_attached()
        other = context.new_page()
        other.goto(address)
        expect(other.locator("support-chat .panel")).to_be_attached()


@pytest.mark.parametrize("language", ["ar", "lv"])
def test_only_the_visitors_language_is_loaded(
    context: BrowserContext, stage: Stage, language: str
) -> None:
    with website(page_with(stage, init=f"SupportChat.init({{locale: '{language}'}})")) as address:
        visitor = Visitor(context, address, language)
        parts = visitor.page.evaluate(
            "performance.getEntriesByType('resource').map(each => each.name)"
        )
        loaded = {name.rpartition("/")[2].partition("-")[0] for name in parts if PART.search(name)}
        assert loaded == {"engine", language}
        visitor.speak("de")
        expect(visitor.composer).to_be_visible()


def digest(text: bytes) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text).digest()).decode()}'"


CONNECT = "img-src data:; connect-src WEB WS"
# The policy, and what the tags of the page have for it.
POLICIES = {
    "host": (f"default-src 'none'; script-src WEB INLINE; {CONNECT}", ""),
    "nonce": (f"default-src 'none'; script-src 'nonce-abc123'; {CONNECT}", 'nonce="abc123"'),
    "nonce, strict-dynamic": (
        f"default-src 'none'; script-src 'nonce-abc123' 'strict-dynamic'; {CONNECT}",
        'nonce="abc123"',
    ),
    "hash, strict-dynamic": (
        f"default-src 'none'; script-src LOADER INLINE 'strict-dynamic'; {CONNECT}",
        'integrity="INTEGRITY" crossorigin="anonymous"',
    ),
    "trusted types": (
        f"default-src 'none'; script-src 'nonce-abc123'; {CONNECT}; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
        'nonce="abc123"',
    ),
}


@pytest.mark.parametrize("policy", POLICIES)
def test_under_a_policy(context: BrowserContext, stage: Stage, policy: str) -> None:
    rules, attributes = POLICIES[policy]
    loader = widget_build.script()
    words = {
        "WEB": stage.web,
        "WS": stage.web.replace("http", "ws", 1),
        "INLINE": digest(INIT.encode()),
        "LOADER": digest(loader),
        "INTEGRITY": digest(loader).strip("'"),
    }
    for name, value in words.items():
        rules = re.sub(rf"\b{name}\b", value, rules)
        attributes = re.sub(rf"\b{name}\b", value, attributes)
    head = (
        "<script nonce=abc123>window.refused = []; addEventListener('securitypolicyviolation', "
        "event => refused.push(`${event.violatedDirective} ${event.blockedURI}`))</script>"
    )
    page = page_with(stage, head, attributes)
    if "nonce" not in attributes:
        page = page.replace(f"<script {attributes}>", "<script>")
    with website(page, headers={"Content-Security-Policy": rules}) as address:
        visitor = Visitor(context, address)
        visitor.start("Hello")
        visitor.sees("Hello")
        assert visitor.page.evaluate("window.refused ?? []") == []
        assert visitor.faults == []


def test_on_an_isolated_page(context: BrowserContext, stage: Stage) -> None:
    isolated = {
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    with website(page_with(stage, attributes="crossorigin"), headers=isolated) as address:
        visitor = Visitor(context, address)
        assert visitor.page.evaluate("crossOriginIsolated")
        visitor.start("Hello")
        visitor.sees("Hello")


def test_offline_at_the_click(context: BrowserContext, stage: Stage) -> None:
    with website(page_with(stage)) as address:
        page = context.new_page()
        page.goto(address)
        context.route(re.compile(r"/widget[./]"), lambda route: route.abort())
        press(page)
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("We cannot reach our server")
        notice.get_by_role("button", name="Try now").click()
        expect(notice).to_contain_text("We cannot reach our server")
        context.unroute(re.compile(r"/widget[./]"))
        notice.get_by_role("button", name="Try now").click()
        expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
        expect(notice).to_have_count(0)


def test_what_the_visitor_does_meanwhile_counts(context: BrowserContext, stage: Stage) -> None:
    field = '<input aria-label="Search">'
    with website(page_with(stage, head=field)) as address:
        page = context.new_page()
        page.goto(address)
        held: list[Route] = []
        page.route(ENGINE, lambda route: held.append(route), times=1)
        with page.expect_request(ENGINE):
            page.evaluate("SupportChat.open()")
        page.evaluate("SupportChat.close()")
        is_open = "Object.entries(sessionStorage).find(([key]) => key.endsWith(':open'))?.[1]"
        assert page.evaluate(is_open) == "false"
        page.evaluate("SupportChat.open()")
        page.get_by_label("Search").focus()
        held[0].continue_()
        expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
        expect(page.get_by_label("Search")).to_be_focused()


def test_an_altered_part_is_not_run(context: BrowserContext, stage: Stage) -> None:
    def alter(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body="window.altered = true;" + answer.text())

    with website(page_with(stage)) as address:
        page = context.new_page()
        page.goto(address)
        context.route(ENGINE, alter)
        press(page)
        expect(page.get_by_role("alert")).to_contain_text("We cannot reach our server")
        assert page.evaluate("window.altered") is None


@pytest.fixture
def former(context: BrowserContext) -> None:
    """The page's cache has the loader of a build whose parts the server no longer has."""

    def serve(route: Route) -> None:
        loader = widget_build.script().decode()
        names = [name.removesuffix(".js").partition("-")[2] for name in widget_build.parts()]
        for name in names:
            hash_ = name.replace("-", "+").replace("_", "/")
            loader = loader.replace(hash_, hash_[::-1])
        route.fulfill(body=loader, content_type="text/javascript; charset=utf-8")

    context.route(re.compile(r"/widget\.js$"), serve)


@pytest.mark.usefixtures("former")
def test_a_loader_of_a_former_build_makes_room_for_the_present_one(
    context: BrowserContext, stage: Stage
) -> None:
    init = "SupportChat.init({locale: 'en', position: 'left', strings: {title: 'Pottery'}})"
    with website(page_with(stage, init=init)) as address:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        press(page)
        expect(page.get_by_role("heading", name="Pottery")).to_be_visible()
        expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
        expect(page.locator("support-chat")).to_have_count(1)
        expect(page.locator("support-chat .root")).to_have_attribute("data-side", "left")
        assert len([url for url in asked if PRESENT_LOADER.search(url)]) == 1
        # The names that the page knows go on to work.
        page.evaluate("SupportChat.close()")
        expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_hidden()
        page.evaluate("SupportChat.destroy()")
        expect(page.locator("support-chat")).to_have_count(0)


@pytest.mark.usefixtures("former")
def test_a_former_loader_makes_room_where_only_the_look_is_sought(
    context: BrowserContext, stage: Stage
) -> None:
    with website(page_with(stage, head=COLOURED)) as address:
        page = context.new_page()
        page.goto(address)
        expect(page.locator("support-chat .root")).to_have_attribute("style", PAINTED)


def test_a_look_that_does_not_come_is_sought_again_but_not_at_once(
    context: BrowserContext, stage: Stage
) -> None:
    with website(page_with(stage, head=COLOURED)) as address:
        page = context.new_page()
        page.clock.install()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        def times(address: re.Pattern[str]) -> int:
            return sum(bool(address.search(url)) for url in asked)

        context.route(LOOK, lambda route: route.abort())
        with page.expect_event(
            "requestfinished", lambda request: bool(PRESENT_LOADER.search(request.url))
        ):
            page.goto(address)
        sought = times(LOOK)
        for _ in range(5):  # the page changes, as it does by the seeking itself
            page.evaluate("document.head.append(document.createElement('style'))")
            page.clock.run_for(1000)
        expect(page.get_by_role("button", name=widget_words("en")["launcherOpen"])).to_be_visible()
        assert times(LOOK) == sought
        with page.expect_event("requestfailed", lambda request: bool(LOOK.search(request.url))):
            page.clock.run_for(120_000)
        context.unroute(LOOK)
        page.clock.run_for(120_000)
        expect(page.locator("support-chat .root")).to_have_attribute("style", PAINTED)
        assert times(PRESENT_LOADER) == 1


def test_parts_that_only_the_engine_seeks_make_room_for_the_present_loader(
    context: BrowserContext, stage: Stage
) -> None:
    init = "SupportChat.init({locale: 'en', strings: {title: 'Pottery'}})"
    with website(page_with(stage, init=init)) as address:
        page = context.new_page()
        context.route(re.compile(r"/widget/strings-"), lambda route: route.abort())
        page.goto(address)
        with page.expect_request(PRESENT_LOADER):
            press(page)
        expect(page.get_by_role("alert")).to_contain_text("We cannot reach our server")


def test_a_chat_that_the_page_opens_stays_open_while_its_rules_are_on_their_way(
    context: BrowserContext, stage: Stage
) -> None:
    head = (
        f'<script src="{stage.web}/widget.js"></script><script>'
        "SupportChat.init({locale: 'en', includePaths: ['/*']}); SupportChat.open()</script>"
    )
    with website(page_with(stage, head=head, init="")) as address:
        page = context.new_page()
        held: list[Route] = []
        context.route(ROUTES, lambda route: held.append(route))
        with page.expect_request(ROUTES):
            page.goto(address)
        composer = page.get_by_role("textbox", name="Message", exact=True)
        expect(composer).to_be_visible()
        page.evaluate("SupportChat.recheck()")
        with page.expect_event("requestfinished", lambda request: bool(ROUTES.search(request.url))):
            held[0].continue_()
        context.unroute(ROUTES)
        page.evaluate("history.pushState(null, '', '/mugs')")
        expect(composer).to_be_visible()


def test_without_its_rules_the_chat_shows_nowhere(context: BrowserContext, stage: Stage) -> None:
    init = "SupportChat.init({locale: 'en', includePaths: ['/*']})"
    with website(page_with(stage, init=init)) as address:
        page = context.new_page()
        context.route(ROUTES, lambda route: route.abort())
        with page.expect_event(
            "requestfinished", lambda request: bool(PRESENT_LOADER.search(request.url))
        ):
            page.goto(address)
        expect(page.locator("support-chat")).to_have_attribute("hidden", "")


def test_taken_away_while_it_loads(context: BrowserContext, stage: Stage) -> None:
    with website(page_with(stage)) as address:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        held: list[Route] = []
        page.route(ENGINE, lambda route: held.append(route), times=1)
        with page.expect_request(ENGINE):
            page.evaluate("SupportChat.open()")
        page.evaluate("SupportChat.destroy()")
        with page.expect_event("requestfinished", lambda request: bool(ENGINE.search(request.url))):
            held[0].continue_()
        expect(page.locator("support-chat")).to_have_count(0)
        page.evaluate("SupportChat.init({locale: 'en', openOnLoad: true})")
        expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
        assert faults == []
