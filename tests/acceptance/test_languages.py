"""The widget in the visitor's language: right to left, changed on the way, told to the server."""

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Response, expect

from templates_i18n.catalogs import MESSAGES
from templates_i18n.keys import TemplateKey
from templates_i18n.services import set_translations
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope
from tenants.services import set_setting
from tests.acceptance.pages import website
from tests.browser import PATIENCE_MS, Visitor, begins_conversation, widget_words
from tests.cast import tenant_called
from tests.conftest import Stage

PAGE = """<!doctype html>
<html lang="LANGUAGE">
<head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Shop</title></head>
<body><script src="WEB/widget.js"></script><script>SupportChat.init(OPTIONS);</script></body>
</html>"""


def page(stage: Stage, language: str, **options: object) -> str:
    """A page in this language with the chat on it."""
    blanks = {"LANGUAGE": language, "WEB": stage.web, "OPTIONS": json.dumps(options)}
    return re.sub("|".join(blanks), lambda found: blanks[found[0]], PAGE)


def waiting_note(language: str) -> str:
    """What the product says while nobody has claimed."""
    return MESSAGES[language][TemplateKey.WAITING]


def tells_locale(response: Response) -> bool:
    """The answer to the widget's saying which language the visitor reads."""
    return response.request.method == "PATCH" and response.url.endswith("/locale")


@pytest.fixture(scope="module")
def arabic_shop(stage: Stage) -> Iterator[str]:
    with website(page(stage, "ar")) as address:
        yield address


@pytest.fixture(scope="module")
def shop(stage: Stage) -> Iterator[str]:
    with website(page(stage, "en", position="right")) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


def test_an_arabic_page_has_an_arabic_chat_from_right_to_left(
    context: BrowserContext, arabic_shop: str, stage: Stage
) -> None:
    visitor = Visitor(context, arabic_shop, "ar")
    root = visitor.page.locator("support-chat .root")
    assert (root.get_attribute("dir"), root.get_attribute("lang")) == ("rtl", "ar")
    launcher = visitor.page.locator(".launcher").bounding_box()
    assert launcher is not None
    assert launcher["x"] < 100
    visitor.start("مرحبا، هل يصل الإبريق #3F2A غدًا؟")
    visitor.sees("مرحبا، هل يصل الإبريق #3F2A غدًا؟")
    visitor.write("Do you speak English?")
    for text in (visitor.words["today"], waiting_note("ar"), "Do you speak English?"):
        visitor.sees(text)

    own = visitor.page.locator(".message.own")
    directions = own.locator(".words").evaluate_all(
        "words => words.map((each) => getComputedStyle(each).direction)"
    )
    assert directions == ["rtl", "ltr"], "each in its own direction"
    log, bubble = visitor.log.bounding_box(), own.last.bounding_box()
    assert log is not None
    assert bubble is not None
    assert bubble["x"] < log["x"] + 30, "one's own words stand at the end, which is the left"

    topic = stage.group.wait_for_topic(visitor.codename)
    stage.group.write("Ana", "/claim", topic.thread_id)
    joined = visitor.words["joined"].replace("{agent}", "\u2068Support\u2069")
    expect(visitor.log.get_by_text(joined)).to_be_visible(timeout=PATIENCE_MS)
    assert visitor.faults == []


def test_the_language_changes_at_run_time_and_the_server_follows(
    context: BrowserContext, shop: str
) -> None:
    visitor = Visitor(context, shop)
    visitor.start("Hello")
    visitor.has_sent()
    visitor.sees(waiting_note("en"))
    with visitor.page.expect_response(tells_locale) as told:
        visitor.speak("ar")
    assert told.value.json()["locale"] == "ar"

    root = visitor.page.locator("support-chat .root")
    assert [root.get_attribute(name) for name in ("dir", "lang", "data-side")] == [
        "rtl", "ar", "right",
    ]  # fmt: skip
    assert visitor.composer.get_attribute("placeholder") == visitor.words["placeholder"]
    for text in (visitor.words["today"], "Hello"):
        visitor.sees(text)
    visitor.has_sent()
    visitor.write("مرحبا")
    visitor.sees(waiting_note("ar"))
    for name in ("settings", "close"):
        expect(visitor.page.get_by_role("button", name=visitor.words[name]).first).to_be_visible()

    visitor.speak("en")
    assert (root.get_attribute("dir"), root.get_attribute("lang")) == ("ltr", "en")
    assert visitor.faults == []


def test_a_language_chosen_before_the_first_message_begins_the_conversation(
    context: BrowserContext, shop: str
) -> None:
    visitor = Visitor(context, shop)
    visitor.speak("lv-LV")
    with visitor.page.expect_response(begins_conversation) as begun:
        visitor.write("Labdien")
    assert json.loads(begun.value.request.post_data or "")["locale"] == "lv-LV"
    visitor.has_sent()
    visitor.write("Vai kāds ir?")
    visitor.sees(waiting_note("lv"))


def test_a_language_chosen_offline_is_told_after_the_reconnect(
    context: BrowserContext, shop: str
) -> None:
    visitor = Visitor(context, shop)
    visitor.speak("ru")
    expect(visitor.composer).to_be_visible()
    visitor.speak("en")
    visitor.start("Hello")
    visitor.has_sent()
    context.set_offline(True)
    visitor.speak("de")
    visitor.speak("ru")
    expect(visitor.page.get_by_text(visitor.words["presenceOffline"]).first).to_be_visible()
    visitor.write("Здравствуйте")
    visitor.sees(visitor.words["waiting"])
    with visitor.page.expect_response(tells_locale) as told:
        context.set_offline(False)
    assert told.value.json()["locale"] == "ru"
    visitor.has_sent()


def test_a_language_that_was_never_read_here_comes_with_the_reconnect(
    context: BrowserContext, shop: str
) -> None:
    visitor = Visitor(context, shop)
    visitor.start("Hello")
    visitor.has_sent()
    context.set_offline(True)
    visitor.page.evaluate("SupportChat.setLocale('de')")
    visitor.page.evaluate("SupportChat.setLocale('uk')")
    visitor.write("Still in English")
    visitor.sees(visitor.words["waiting"])
    with visitor.page.expect_response(tells_locale) as told:
        context.set_offline(False)
    assert told.value.json()["locale"] == "uk"
    visitor.words = widget_words("uk")
    visitor.has_sent()


@pytest.mark.usefixtures("committed_db")
def test_two_tenants_on_one_page_keep_their_conversations_apart(
    context: BrowserContext, stage: Stage
) -> None:
    with website(page(stage, "en", tenant="potters-guild")) as address:
        let_embed("potters-guild", address)
        visitor = Visitor(context, address)
        visitor.start("Hello, guild")
        visitor.sees("Hello, guild")
        visitor.come_back()
        visitor.sees("Hello, guild")
        prefix = f"chatorical:{stage.web}/potters-guild:"
        databases = visitor.page.evaluate("indexedDB.databases()")
        assert [database["name"] for database in databases] == [prefix]
        assert visitor.faults == []

        visitor.page.evaluate("SupportChat.destroy(); SupportChat.init()")
        visitor.open()
        expect(visitor.page.get_by_text(visitor.words["emptyTitle"])).to_be_visible()


@pytest.mark.usefixtures("committed_db")
def test_a_tenants_own_words_come_when_the_chat_is_opened_and_follow_the_language(
    context: BrowserContext, stage: Stage
) -> None:
    own = {"lv": {"title": "Podnieki", "placeholder": "Jautājiet"}, "ru": {"title": "Гончары"}}
    options = {"tenant": "potters-words", "strings": {"placeholder": "From the page"}}
    with website(page(stage, "lv", **options)) as address:
        let_embed("potters-words", address, own)
        visitor = Visitor(context, address, "lv")
        expect(visitor.page.get_by_role("heading", name="Podnieki")).to_be_visible()
        assert visitor.composer.get_attribute("placeholder") == "From the page"
        visitor.speak("ru")
        expect(visitor.page.get_by_role("heading", name="Гончары")).to_be_visible()
        visitor.speak("de")
        expect(visitor.page.get_by_role("heading", name=visitor.words["title"])).to_be_visible()
        assert visitor.faults == []


def let_embed(slug: str, origin: str, words: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Have a tenant whose chat this website may show, with words of its own by locale.

    In a thread of its own: where the browser is driven from, Django takes its loop for ours.
    """

    def write() -> None:
        try:
            with tenant_scope(tenant_called(slug).pk) as tenant:
                set_setting(tenant=tenant, key="allowedOrigins", value=[origin], actor=SYSTEM)
                for locale, texts in (words or {}).items():
                    set_translations(tenant=tenant, locale=locale, texts=texts, actor=SYSTEM)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as aside:
        aside.submit(write).result()
