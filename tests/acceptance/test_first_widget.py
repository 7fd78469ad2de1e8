"""Pages that were written for the first widget: nobody touches their snippet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.acceptance.first_widget_page import DARK_RED, RED, WORDS, page_of, visit
from tests.acceptance.pages import website
from tests.browser import PATIENCE_MS, begins_conversation
from tests.conftest import Stage


@pytest.fixture(scope="module")
def light_shop(stage: Stage) -> Iterator[str]:
    with website(page_of(stage.web, "light")) as address:
        yield address


@pytest.fixture(scope="module")
def dark_shop(stage: Stage) -> Iterator[str]:
    with website(page_of(stage.web, "dark")) as address:
        yield address


@pytest.fixture
def shops(light_shop: str, dark_shop: str) -> dict[str, str]:
    return {"light": light_shop, "dark": dark_shop}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB", viewport={"width": 900, "height": 760}) as one:
        yield one


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_chat_looks_and_speaks_like_the_shop(
    context: BrowserContext,
    shops: dict[str, str],
    stage: Stage,
    tmp_path: Path,
    scheme: str,
    language: str,
) -> None:
    visitor = visit(context, shops[scheme], language)
    words = visitor.words
    expect(visitor.button).to_have_text(words["button"])
    visitor.page.screenshot(path=tmp_path / "closed.png")
    visitor.open()
    page = visitor.page
    expect(visitor.root).to_have_attribute("data-scheme", scheme)
    expect(visitor.root).to_have_attribute("lang", language)
    assert visitor.color(".launcher") == RED
    assert visitor.color(".header") == DARK_RED
    paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(29, 20, 21)"}[scheme]
    assert visitor.color(".panel") == paper
    expect(page.get_by_role("heading", name=words["title"])).to_be_visible()
    visitor.assert_readable()
    page.screenshot(path=tmp_path / "empty.png")

    with page.expect_response(begins_conversation) as started:
        visitor.composer.fill("Labdien")
        page.get_by_role("button", name=words["send"]).click()
    topic = stage.group.wait_for_topic(started.value.json()["codename"])
    stage.group.write("Ana", "/claim", topic.thread_id)
    visitor.sees(words["joined"])
    stage.group.write("Ana", "Labdien! https://veikals.example/kruzes <b>te</b>", topic.thread_id)
    expect(page.get_by_role("link", name="https://veikals.example/kruzes")).to_be_visible(
        timeout=PATIENCE_MS
    )
    visitor.assert_readable()
    page.screenshot(path=tmp_path / "chat.png")

    visitor.menu()
    expect(page.get_by_role("menuitemcheckbox", name=words["sound"])).to_be_visible()
    visitor.assert_readable()
    page.screenshot(path=tmp_path / "menu.png")
    page.get_by_role("menuitem", name=words["edit"], exact=True).click()
    expect(page.get_by_placeholder(words["name"])).to_be_focused()
    expect(page.get_by_role("button", name=words["save"])).to_be_visible()
    visitor.assert_readable()
    page.screenshot(path=tmp_path / "name.png")

    stage.group.write("Ana", "/close", topic.thread_id)
    visitor.sees(words["closed"])


def test_the_chat_follows_the_page_and_an_option_stands_above_it(
    context: BrowserContext, light_shop: str
) -> None:
    visitor = visit(context, light_shop, "en")
    visitor.open()
    root, page = visitor.root, visitor.page
    expect(root).to_have_attribute("data-scheme", "light")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-scheme", "light")
    for change, scheme in (
        ("document.documentElement.dataset.theme = 'dark'", "dark"),
        ("document.documentElement.dataset.theme = 'light'", "light"),
        ("document.body.classList.add('theme-dark')", "dark"),
        ("document.body.className = 'theme-light'", "light"),
    ):
        page.evaluate(change)
        expect(root).to_have_attribute("data-scheme", scheme)
        visitor.assert_readable()
    page.evaluate(
        "document.documentElement.style.setProperty('--color-primary-main', 'hsl(120 100% 80%)')"
    )
    expect(page.locator("support-chat .launcher")).to_have_css(
        "background-color", "rgb(153, 255, 153)"
    )
    visitor.assert_readable()

    # What neither marks nor colours say, the page's background does.
    page.evaluate(
        "document.documentElement.removeAttribute('style');"
        "document.body.className = '';"
        "document.querySelector('style').remove();"
        "delete document.documentElement.dataset.theme"
    )
    expect(root).to_have_attribute("data-scheme", "dark")
    page.evaluate("document.body.style.background = '#fffdf5'")
    expect(root).to_have_attribute("data-scheme", "light")

    page.evaluate(
        "SupportChat.destroy();"
        "SupportChat.init({ theme: { scheme: 'dark', brand: 'rebeccapurple' }, locale: 'lv' })"
    )
    page.evaluate("document.documentElement.dataset.theme = 'light'; SupportChat.open()")
    expect(root).to_have_attribute("data-scheme", "dark")
    expect(root).to_have_attribute("lang", "lv")


def test_the_chat_takes_the_colours_of_style_sheets_that_come_later(
    context: BrowserContext, light_shop: str
) -> None:
    visitor = visit(context, light_shop, "en")
    page, launcher = visitor.page, visitor.page.locator("support-chat .launcher")
    expect(launcher).to_have_css("background-color", RED)
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('style'),"
        " { textContent: ':root { --color-primary-main: #005a00 !important }' }))"
    )
    expect(launcher).to_have_css("background-color", "rgb(0, 90, 0)")
    css = "html:root { --color-primary-main: #00005a !important }"
    page.route("**/late.css", lambda route: route.fulfill(content_type="text/css", body=css))
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('link'),"
        " { rel: 'stylesheet', href: '/late.css' }))"
    )
    expect(launcher).to_have_css("background-color", "rgb(0, 0, 90)")


def test_the_chat_speaks_the_language_that_the_page_switches_to(
    context: BrowserContext, light_shop: str
) -> None:
    visitor = visit(context, light_shop, "lv")
    visitor.open()
    other = context.new_page()
    other.goto(f"{light_shop}/other")
    other.evaluate("localStorage.setItem('i18nextLng', 'en-GB')")
    visitor.words = WORDS["en"]
    expect(visitor.root).to_have_attribute("lang", "en-GB")
    expect(visitor.composer).to_be_visible()
    other.evaluate("localStorage.removeItem('i18nextLng')")
    other.evaluate("document.cookie = 'i18nextLng=lv; path=/'")
    visitor.page.evaluate("SupportChat.close(); SupportChat.open()")
    expect(visitor.root).to_have_attribute("lang", "lv")
    other.evaluate("document.cookie = 'i18nextLng=; Max-Age=0; path=/'")
    visitor.page.evaluate("document.documentElement.lang = 'de'")
    expect(visitor.root).to_have_attribute("lang", "de")
    visitor.page.evaluate(
        "SupportChat.setLocale('fr').then(() => document.documentElement.lang = 'ru')"
    )
    expect(visitor.root).to_have_attribute("lang", "fr")


def test_a_conversation_that_was_open_during_the_upgrade_goes_on(
    context: BrowserContext, dark_shop: str, stage: Stage
) -> None:
    earlier = stage.customer()
    earlier.send("said to the first widget")
    visitor = visit(
        context,
        dark_shop,
        storage={
            "scw:id": earlier.conversation_id,
            "scw:token": earlier.token,
            "scw:name": "Mara Ozola",
            "scw:draft": "und nun",
            "scw:origin": stage.web,
            "scw:ts": "1700000000000",
            "scw:notify:sound": "1",
        },
    )
    page = visitor.page
    visitor.open()
    visitor.sees("said to the first widget")
    expect(visitor.composer).to_have_value("und nun")
    visitor.write("and to the second")
    visitor.sees("and to the second")
    topic = stage.group.wait_for_topic(earlier.codename)
    stage.group.wait_for_message(": and to the second", topic.thread_id)
    texts = [row["text"] for row in earlier.history()["messages"]]
    assert texts == ["said to the first widget", "and to the second"]

    visitor.menu()
    expect(page.get_by_text("Mara Ozola")).to_be_visible()
    sound = page.get_by_role("menuitemcheckbox", name="Skaņa ieslēgta")
    expect(sound).to_be_checked()
    sound.click()
    expect(page.get_by_role("menuitemcheckbox", name="Skaņa izslēgta")).not_to_be_checked()
    kept = page.evaluate("Object.fromEntries(Object.entries(localStorage))")
    left = {key: value for key, value in kept.items() if key.startswith("scw:")}
    assert left == {"scw:notify:sound": "0"}


def test_a_visitor_clears_the_chat_and_the_agents_keep_it(
    context: BrowserContext, dark_shop: str, stage: Stage
) -> None:
    visitor = visit(context, dark_shop)
    page, words = visitor.page, visitor.words
    visitor.open()
    with page.expect_response(begins_conversation) as first:
        visitor.write("Kur ir mans pasūtījums?")
    begun = first.value.json()
    visitor.sees("Kur ir mans pasūtījums?")
    topic = stage.group.wait_for_topic(begun["codename"])
    stage.group.wait_for_message(": Kur ir mans pasūtījums?", topic.thread_id)
    visitor.composer.fill("vēl kas")

    visitor.menu()
    page.get_by_role("menuitem", name=words["clear"]).click()
    expect(page.get_by_text(words["confirm"])).to_be_visible()
    expect(page.get_by_role("button", name=words["no"], exact=True)).to_be_focused()
    visitor.assert_readable()
    page.keyboard.press("Enter")
    visitor.sees("Kur ir mans pasūtījums?")
    visitor.menu()
    page.get_by_role("menuitem", name=words["clear"]).click()
    page.get_by_role("button", name=words["yes"], exact=True).click()
    expect(page.get_by_text(words["empty"]).first).to_be_visible()
    expect(visitor.composer).to_have_value("")

    page.reload()
    expect(visitor.composer).to_be_visible()  # it was open
    expect(page.get_by_text(words["empty"]).first).to_be_visible()
    with page.expect_response(begins_conversation) as second:
        visitor.write("Cits jautājums")
    assert second.value.json()["conversation_id"] != begun["conversation_id"]
    stage.group.wait_for_topic(second.value.json()["codename"])
    assert any("Kur ir mans pasūtījums?" in text for text in stage.group.texts(topic.thread_id))


def test_one_line_in_the_console_names_what_had_no_effect(
    context: BrowserContext, stage: Stage
) -> None:
    html = page_of(stage.web, "light").replace("openOnLoad: false", "openOnLoad: 'no', wsUrl: 'x'")
    lines: list[str] = []
    with website(html) as address:
        page = context.new_page()
        page.on("console", lambda line: lines.append(line.text))
        page.goto(f"{address}/")
        expect(page.locator("support-chat")).to_be_attached()
    assert [line for line in lines if "SupportChat.init" in line] == [
        "Support chat: SupportChat.init ignored openOnLoad, wsUrl: unknown, "
        "or a value of the wrong type."
    ]
