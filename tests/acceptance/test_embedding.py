"""The snippet that pages have had for years, with what their visitors' browsers remember."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from kernel.clock import now_ms
from tests.acceptance.pages import website
from tests.browser import PATIENCE_MS, Visitor
from tests.conftest import Stage
from tests.customer import Customer

SNIPPET = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Pottery</title></head>
<body>
<h1>Pottery</h1>
<script src="WEB/widget.js?v=1.4.2"></script>
<script>
  SupportChat.init({
    position: 'bottom-left',
    locale: 'en',
    strings: { title: 'Pottery help', placeholder: 'Not this one' },
    stringsByLocale: { en: { placeholder: 'Ask about a mug' } },
    showSoundToggle: true,
    showVibrationToggle: false,
    soundDefaultOn: true,
    vibrationDefaultOn: false,
    soundVolume: 0.4,
    soundGain: 1.5,
    openOnLoad: false,
    includePaths: ['/', '/shop/*'],
    excludePaths: ['/shop/checkout'],
    observeRoute: true,
  });
</script>
</body>
</html>"""


@pytest.fixture(scope="module")
def pottery(stage: Stage) -> Iterator[str]:
    """A shop that has embedded the widget long ago."""
    with website(SNIPPET.replace("WEB", stage.web)) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


def remembering(context: BrowserContext, address: str, memory: dict[str, str]) -> Visitor:
    """A visitor whose browser has kept this in the site's storage."""
    page = context.new_page()
    page.goto(f"{address}/about")
    page.evaluate("memory => Object.assign(localStorage, memory)", memory)
    page.close()
    return Visitor(context, f"{address}/")


def session_of(web: str, conversation_id: str, token: str, age: timedelta) -> dict[str, str]:
    """What the widget stores about the conversation that it may write to."""
    started_at = int((now_ms() - age).timestamp() * 1000)
    session = {"id": conversation_id, "token": token, "startedAt": started_at, "locale": "en"}
    return {f"chatorical:{web}:session": json.dumps(session)}


def test_the_whole_life_of_a_conversation_with_yesterdays_snippet(
    context: BrowserContext, pottery: str, stage: Stage
) -> None:
    visitor = Visitor(context, f"{pottery}/")
    expect(visitor.page.get_by_role("heading", name="Pottery help")).to_be_visible()
    assert visitor.composer.get_attribute("placeholder") == "Ask about a mug"
    visitor.start("Is the blue mug dishwasher safe?")
    topic = stage.group.wait_for_topic(visitor.codename)
    stage.group.write("Ana", "/claim", topic.thread_id)
    expect(visitor.log.get_by_text("joined")).to_be_visible(timeout=PATIENCE_MS)
    stage.group.write("Ana", "Yes, it is.", topic.thread_id)
    visitor.sees("Yes, it is.")
    stage.group.write("Ana", "/close", topic.thread_id)
    closing = visitor.log.get_by_text("We have closed this conversation")
    expect(closing).to_be_visible(timeout=PATIENCE_MS)

    visitor.come_back()
    for text in ("Is the blue mug dishwasher safe?", "Yes, it is."):
        visitor.sees(text)
    # What has happened, and what can be done about it: each is said once.
    expect(visitor.log.get_by_text("closed")).to_have_count(1)
    expect(visitor.log.get_by_text("reopen")).to_have_count(1)
    expect(visitor.log.get_by_text("Write again any time")).to_be_visible()

    visitor.write("One more thing")
    visitor.sees("One more thing")
    stage.group.wait_for_message(": One more thing", topic.thread_id)
    expect(visitor.log.get_by_text("Write again any time")).to_have_count(0)
    assert visitor.faults == []


def test_the_widget_is_where_the_snippet_puts_it(context: BrowserContext, pottery: str) -> None:
    visitor = Visitor(context, f"{pottery}/shop/mugs")
    box = visitor.page.locator(".launcher").bounding_box()
    assert box is not None
    assert box["x"] < 100
    host = visitor.page.locator("support-chat")
    visitor.page.evaluate("history.pushState({}, '', '/shop/checkout')")
    expect(host).to_be_hidden()
    visitor.page.evaluate("history.pushState({}, '', '/shop/mugs/blue')")
    expect(host).not_to_have_attribute("hidden", "")
    expect(visitor.launcher).to_be_visible()


def test_a_conversation_that_the_browser_remembers_goes_on(
    context: BrowserContext, pottery: str, stage: Stage
) -> None:
    earlier = said_earlier(stage)
    memory = session_of(stage.web, earlier.conversation_id, earlier.token, timedelta(minutes=5))
    visitor = remembering(context, pottery, memory)
    visitor.sees("said before")
    visitor.write("and now")
    visitor.sees("and now")
    visitor.has_sent()
    assert [row["text"] for row in earlier.history()["messages"]] == ["said before", "and now"]
    assert visitor.faults == []


def test_a_token_that_is_over_leads_to_a_new_conversation_below_the_old_one(
    context: BrowserContext, pottery: str, stage: Stage
) -> None:
    earlier = said_earlier(stage)
    memory = session_of(stage.web, earlier.conversation_id, "stale.token.here", timedelta(hours=5))
    visitor = remembering(context, pottery, memory)
    visitor.sees("said before")
    conversation_id = visitor.start("I am back")
    assert conversation_id != earlier.conversation_id
    for text in ("said before", "I am back"):
        visitor.sees(text)
    assert [row["text"] for row in earlier.history()["messages"]] == ["said before"]
    assert visitor.faults == []


def test_a_conversation_that_is_gone_leads_to_a_clean_new_one(
    context: BrowserContext, pottery: str, stage: Stage
) -> None:
    memory = session_of(stage.web, str(uuid.uuid4()), "stale.token.here", timedelta(days=30))
    visitor = remembering(context, pottery, memory)
    expect(visitor.page.get_by_text(visitor.words["emptyTitle"])).to_be_visible()
    visitor.start("A fresh start")
    visitor.sees("A fresh start")
    topic = stage.group.wait_for_topic(visitor.codename)
    stage.group.wait_for_message(": A fresh start", topic.thread_id)
    assert visitor.faults == []


def test_nonsense_in_the_sites_storage_and_cookies_is_no_obstacle(
    context: BrowserContext, pottery: str, stage: Stage
) -> None:
    kept = ("session", "past", "pending", "read", "preferences")
    memory = {f"chatorical:{stage.web}:{key}": "{not json" for key in kept}
    memory |= {"supportchat_token": "old", "supportchat_conversation": "old"}
    context.add_cookies([{"name": "supportchat", "value": "old", "url": pottery}])
    visitor = remembering(context, pottery, memory)
    visitor.start("Hello")
    visitor.sees("Hello")
    assert visitor.faults == []


def said_earlier(stage: Stage) -> Customer:
    """Somebody who has written once."""
    earlier = stage.customer()
    earlier.send("said before")
    return earlier


# As tracing scripts and error reporters do: every call of the page carries their headers.
TRACING = """
<script>
  const plain = window.fetch;
  window.fetch = (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
    headers.set('baggage', 'sentry-environment=production');
    headers.set('Sentry-Trace', '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1');
    headers.set('x-datadog-trace-id', '6249785623524942554');
    return plain(input, { ...init, headers });
  };
</script>
"""


def test_a_page_whose_scripts_add_headers_to_every_call(
    context: BrowserContext, stage: Stage
) -> None:
    page = SNIPPET.replace("WEB", stage.web).replace("<h1>", f"{TRACING}<h1>")
    with website(page) as address:
        visitor = Visitor(context, f"{address}/")
        with visitor.page.expect_request("**/v2/sessions*") as started:
            visitor.start("Is the blue mug dishwasher safe?")
        assert started.value.header_value("traceparent")
        visitor.sees("Is the blue mug dishwasher safe?")
        topic = stage.group.wait_for_topic(visitor.codename)
        stage.group.wait_for_message(": Is the blue mug dishwasher safe?", topic.thread_id)
        visitor.write("And the green one?")
        stage.group.wait_for_message(": And the green one?", topic.thread_id)
        # What was stored comes back by the history call, which is asked for beforehand, too.
        visitor.come_back()
        for text in ("Is the blue mug dishwasher safe?", "And the green one?"):
            visitor.sees(text)
