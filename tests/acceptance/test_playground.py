"""The demo's page on which the widget's options are tried."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import resources

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import PATIENCE_MS, widget_words
from tests.conftest import Stage

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()


@pytest.fixture
def page(browser: Browser, stage: Stage) -> Iterator[Page]:
    command = [sys.executable, "-m", "devtools.shop", "--port", "0", "--widget", stage.web]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as shop,
        browser.new_context(locale="en-GB") as context,
    ):
        assert shop.stdout is not None
        address = shop.stdout.readline().removeprefix("listening on ").strip()
        page = context.new_page()
        page.goto(f"{address}/playground")
        yield page
        shop.terminate()


def test_an_option_shows_at_once_what_it_does(page: Page, stage: Stage) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    code, host = page.locator("#code"), page.locator("support-chat")
    english, german = widget_words("en"), widget_words("de")
    expect(host).to_have_count(1)
    expect(code).to_contain_text("SupportChatV2.init();")

    page.get_by_label("theme.brand").fill("rebeccapurple")
    page.get_by_label("attributes.orders").fill("3")
    page.get_by_label("includePaths").fill("/playground, /shop/*")
    page.get_by_label("locale").select_option("de")
    expect(code).to_contain_text('brand: "rebeccapurple"')
    expect(code).to_contain_text("orders: 3")
    expect(code).to_contain_text('"/shop/*"')
    expect(host).to_have_count(1)
    launcher = page.get_by_role("button", name=german["launcherOpen"])
    expect(launcher).to_have_css("background-color", "rgb(102, 51, 153)", timeout=PATIENCE_MS)

    page.get_by_role("button", name="open()").click()
    expect(page.get_by_role("textbox", name=german["composer"])).to_be_visible()
    expect(page.locator("#events")).to_contain_text("opened")
    page.get_by_label("locale").select_option("")
    expect(page.get_by_role("textbox", name=english["composer"])).to_be_visible()
    page.get_by_role("button", name="destroy()").click()
    expect(host).to_have_count(0)
    page.get_by_role("button", name="init()").click()
    expect(host).to_have_count(1)
    page.get_by_label("includePaths").fill("/shop/*")
    page.get_by_label("includePaths").blur()
    expect(page.get_by_role("textbox", name=english["composer"])).to_be_hidden()
    assert faults == []


def test_it_can_be_used_by_everybody(page: Page) -> None:
    expect(page.locator("support-chat")).to_have_count(1)
    page.evaluate(AXE)
    look = "async () => (await axe.run()).violations.flatMap(({nodes}) => nodes.map(n => n.html))"
    assert page.evaluate(look) == []
