"""Every state of the chat before axe-core: light and dark, in both directions of writing."""

import re
from collections.abc import Iterator
from importlib import resources

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.acceptance.pages import website
from tests.browser import PATIENCE_MS, Visitor
from tests.conftest import Stage

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
# Of the chat alone: the page's own faults are the page's.
LOOK = """async () => {
    const { violations } = await axe.run('support-chat');
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
        `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}"""
LANGUAGES, SCHEMES = ("en", "ar"), ("light", "dark")


@pytest.fixture(params=[(one, scheme) for one in LANGUAGES for scheme in SCHEMES], ids="-".join)
def seen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[BrowserContext, str]]:
    """A browser, and the language of its visitor."""
    language, scheme = request.param
    with browser.new_context(
        locale=language,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": 390, "height": 780},
    ) as context:
        yield context, language


def page_in(language: str, web: str) -> str:
    direction = "rtl" if language == "ar" else "ltr"
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Shop</title>'
        '<link rel="icon" href="data:,"></head><body><main><h1>Mugs</h1></main>'
        f'<script src="{web}/widget.js"></script><script>SupportChat.init()</script></body></html>'
    )


def look(page: Page, state: str) -> None:
    """Raises AssertionError for what axe finds in the chat as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    assert page.evaluate(LOOK) == [], state


def test_axe_finds_nothing_in_any_state(seen: tuple[BrowserContext, str], stage: Stage) -> None:
    context, language = seen
    with website(page_in(language, stage.web)) as address:
        closed = context.new_page()
        closed.goto(address)
        expect(closed.locator("support-chat .launcher")).to_be_visible()
        look(closed, "closed")
        context.route(re.compile(r"/widget[./]"), lambda route: route.abort())
        closed.locator("support-chat .launcher").click()
        expect(closed.get_by_role("alert")).to_be_visible()
        look(closed, "it did not come")
        closed.close()
        context.unroute(re.compile(r"/widget[./]"))

        visitor = Visitor(context, address, language)
        page, words = visitor.page, visitor.words
        look(page, "open and empty")
        visitor.start("See https://shop.example/mugs, +371 20 000 000")
        visitor.has_sent()
        expect(visitor.log.get_by_role("link").first).to_be_visible()
        look(page, "a message is sent")
        topic = stage.group.wait_for_topic(visitor.codename)
        stage.group.write("Ana", "/claim", topic.thread_id)
        stage.group.write("Ana", "An answer", topic.thread_id)
        visitor.sees("An answer")
        look(page, "an answer has come")

        page.get_by_role("button", name=words["settings"]).click()
        expect(page.get_by_role("menuitem", name=words["name"])).to_be_visible()
        look(page, "the menu")
        page.get_by_role("menuitem", name=words["name"]).click()
        page.get_by_role("textbox", name=words["name"]).fill("x")
        page.keyboard.press("Enter")
        expect(page.get_by_text(words["nameLength"])).to_be_visible()
        look(page, "a name that is refused")
        page.keyboard.press("Escape")
        page.get_by_role("button", name=words["settings"]).click()
        page.get_by_role("menuitem", name=words["clear"]).click()
        expect(page.get_by_text(words["clearConfirm"])).to_be_visible()
        look(page, "before the chat is cleared")
        page.keyboard.press("Escape")

        visitor.composer.fill("x" * 4001)
        look(page, "a message that is too long")
        visitor.composer.fill("")
        context.set_offline(True)
        visitor.write("Later")
        expect(page.get_by_text(words["offline"])).to_be_visible()
        look(page, "offline, with a message that waits")
        context.set_offline(False)
        visitor.has_sent()

        stage.group.write("Ana", "/close", topic.thread_id)
        closed_line = visitor.log.locator(".note").last
        expect(closed_line).to_be_visible(timeout=PATIENCE_MS)
        look(page, "closed by the team")
