"""The story as two people see it: a visitor in a shop, an agent in the group, both in Chromium."""

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import PATIENCE_MS, Visitor
from tests.conftest import Stage
from tests.processes import Process, free_port


@pytest.fixture(scope="module")
def shop(stage: Stage) -> Iterator[str]:
    """The demo shop, on another origin than the chat."""
    port = free_port()
    command = [sys.executable, "-m", "devtools.shop", "--port", str(port)]
    process = Process(
        [*command, "--widget", stage.web], stage.product.environment, f"127.0.0.1:{port}"
    )
    process.start()
    yield f"http://127.0.0.1:{port}/"
    process.stop()


@pytest.fixture
def visitor(browser: Browser, shop: str) -> Iterator[Visitor]:
    with browser.new_context(locale="en-GB") as context:
        somebody = Visitor(context, shop)
        yield somebody
        assert somebody.faults == []


@pytest.fixture
def agents_page(browser: Browser, stage: Stage) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(stage.simulator.base_url)
        yield page


def test_the_whole_story_in_two_browsers(visitor: Visitor, agents_page: Page, stage: Stage) -> None:
    visitor.start("Is the blue mug dishwasher safe?")
    visitor.sees("Is the blue mug dishwasher safe?")
    expect(visitor.log.get_by_text("Somebody will be with you shortly")).to_be_visible()

    agents_page.get_by_role("button", name=visitor.codename).click()
    expect(agents_page.get_by_text("Is the blue mug dishwasher safe?").last).to_be_visible()
    agents_page.get_by_role("button", name="Claim", exact=True).click()
    expect(visitor.log.get_by_text("Support joined")).to_be_visible(timeout=PATIENCE_MS)

    agents_page.get_by_label("Message", exact=True).fill("Yes, it is.")
    agents_page.keyboard.press("Enter")
    visitor.sees("Yes, it is.")

    agents_page.get_by_label("Message", exact=True).fill("/close")
    agents_page.keyboard.press("Enter")
    expect(visitor.log.get_by_text("We have closed this conversation")).to_be_visible(
        timeout=PATIENCE_MS
    )
    visitor.write("One more thing")
    visitor.sees("One more thing")
    expect(visitor.log.get_by_text("We have reopened this conversation")).to_be_visible(
        timeout=PATIENCE_MS
    )
    assert stage.simulator.violations() == []


def test_everything_is_there_once_after_a_reload(visitor: Visitor, stage: Stage) -> None:
    visitor.start("first")
    visitor.write("second")
    visitor.sees("second")
    topic = stage.group.wait_for_topic(visitor.codename)
    stage.group.write("Ana", "/claim", topic.thread_id)
    stage.group.write("Ana", "an answer", topic.thread_id)
    visitor.sees("an answer")

    visitor.page.reload()
    expect(visitor.log).to_be_attached()
    if not visitor.composer.is_visible():
        visitor.open()
    for text in ("first", "second", "an answer"):
        visitor.sees(text)


def test_two_tabs_show_the_same_conversation(visitor: Visitor, shop: str) -> None:
    visitor.start("from the first tab")
    visitor.sees("from the first tab")
    other = Visitor(visitor.page.context, shop)
    other.sees("from the first tab")
    other.write("from the second tab")
    other.sees("from the second tab")
    visitor.sees("from the second tab")
    assert other.faults == []


def test_markup_is_shown_and_not_run(visitor: Visitor, stage: Stage) -> None:
    nasty = "<img src=x onerror=\"document.title='owned'\"> & <script>alert(1)</script>"
    visitor.start(nasty)
    visitor.sees(nasty)
    topic = stage.group.wait_for_topic(visitor.codename)
    stage.group.write("Ana", "/claim", topic.thread_id)
    stage.group.write("Ana", f"You wrote: {nasty}", topic.thread_id)
    visitor.sees(f"You wrote: {nasty}")
    assert visitor.page.title() != "owned"
    assert visitor.page.locator("img[src=x]").count() == 0


def test_the_visitor_writes_on_while_the_web_process_is_away(
    browser: Browser, stage: Stage
) -> None:
    process, web = stage.product.web()
    port = free_port()
    command = [sys.executable, "-m", "devtools.shop", "--port", str(port)]
    shop_process = Process(
        [*command, "--widget", web], stage.product.environment, f"127.0.0.1:{port}"
    )
    shop_process.start()
    try:
        with browser.new_context(locale="en-GB") as context:
            visitor = Visitor(context, f"http://127.0.0.1:{port}/")
            visitor.start("before")
            topic = stage.group.wait_for_topic(visitor.codename)
            stage.group.wait_for_message(": before", topic.thread_id)
            process.kill()
            visitor.write("meanwhile")
            process.start()
            stage.group.wait_for_message(": meanwhile", topic.thread_id, timeout_seconds=30)
            visitor.sees("meanwhile")
            sent = [t for t in stage.group.texts(topic.thread_id) if t.endswith(": meanwhile")]
            assert len(sent) == 1
    finally:
        shop_process.stop()
