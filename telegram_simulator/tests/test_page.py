"""The group page in a real browser: Ana reads, presses, answers, and makes faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from telegram_simulator.client import SimulatorClient, SupportGroup
from telegram_simulator.tests.bot import CHAT, Bot, keyboard


@pytest.fixture
def page(browser: Browser, sim: SimulatorClient, support: SupportGroup) -> Iterator[Page]:
    tab = browser.new_page()
    wrongs: list[str] = []
    tab.on("pageerror", lambda error: wrongs.append(str(error)))
    tab.goto(sim.base_url)
    expect(tab.locator("#group-title")).to_have_text("Support")
    yield tab
    tab.close()
    assert wrongs == []


def test_an_agent_works_in_the_page(
    page: Page, bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    thread = bot.topic("Amber Otter")
    bot.say("New conversation", thread, reply_markup=keyboard("Claim"))
    row = page.get_by_role("button", name="Amber Otter")
    expect(row.locator(".topic-count")).to_have_text("1")
    row.click()
    expect(row.locator(".topic-count")).to_have_count(0)

    page.get_by_role("button", name="Claim", exact=True).click()
    query = bot.do("getUpdates")[-1]["callback_query"]
    bot.do("answerCallbackQuery", callback_query_id=query["id"], text="It is yours")
    expect(page.locator(".toast")).to_have_text("It is yours")

    page.get_by_label("Message", exact=True).fill("On its way")
    page.keyboard.press("Enter")
    expect(page.locator(".message.is-own .text")).to_have_text("On its way")
    page.get_by_label("Write as").select_option(label="Greg")
    page.get_by_label("Message", exact=True).fill("Greg here")
    page.keyboard.press("Enter")
    support.wait_for_message("Greg here", thread)
    assert [one.author.name for one in support.messages(thread)[1:]] == ["Ana", "Greg"]

    page.locator("#topic-menu").click()
    page.get_by_role("menuitem", name="Close").click()
    expect(page.locator("#topic-meta")).to_contain_text("Closed")
    expect(page.locator("#closed-note")).to_be_visible()
    page.locator("#reopen").click()
    support.wait_until_topic(thread, is_closed=False)


def test_faults_are_made_and_cleared(page: Page, bot: Bot, sim: SimulatorClient) -> None:
    page.get_by_role("button", name="Faults and traffic").click()
    page.get_by_role("button", name="Server error").click()
    expect(page.locator(".sky")).to_contain_text("Stormy")
    assert bot.ask("sendMessage", chat_id=CHAT, text="x").status_code == 500
    expect(page.locator(".sky")).to_contain_text("Clear")
    page.get_by_role("tab", name="Calls").click()
    expect(page.locator("#log summary").first).to_contain_text("sendMessage")


def test_what_the_bot_may_is_changed_in_the_page(
    page: Page, bot: Bot, support: SupportGroup
) -> None:
    page.get_by_role("button", name="Faults and traffic").click()
    page.get_by_label("May pin messages").uncheck()
    change = bot.wait_for_update("my_chat_member")["new_chat_member"]
    assert (change["can_pin_messages"], change["can_manage_topics"]) == (False, True)
    privacy = page.get_by_label("Privacy mode")
    expect(privacy).to_be_checked()
    privacy.uncheck()
    page.get_by_label("Chatorical is").select_option(label="a plain member")
    assert bot.wait_for_update("my_chat_member")["new_chat_member"]["status"] == "member"
    expect(page.get_by_label("May pin messages")).to_have_count(0)
    assert bot.do("getMe")["can_read_all_group_messages"] is True


def test_a_phone_shows_one_thing_at_a_time(page: Page, bot: Bot) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    bot.topic("Amber Otter")
    page.locator("#back").click()
    expect(page.locator(".chat")).to_be_hidden()
    page.get_by_role("button", name="Amber Otter").click()
    expect(page.locator(".side")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
