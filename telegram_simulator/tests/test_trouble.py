"""Flood limits and faults on demand."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from telegram_simulator.client import SimulatorClient, SupportGroup
from telegram_simulator.tests.bot import BOT_ID, CHAT, Bot


def test_twenty_posts_a_minute_and_not_one_more(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.set_pacing(enabled=True, prolong_seconds=0)
    thread = bot.topic()
    for n in range(19):
        bot.say(f"text {n}", thread)
    answer = bot.ask("sendMessage", chat_id=CHAT, text="one too many")
    wait = answer.json()["parameters"]["retry_after"]
    assert answer.status_code == 429
    assert answer.json()["description"] == f"Too Many Requests: retry after {wait}"
    assert answer.headers["retry-after"] == str(wait)
    assert 55 < wait <= 60
    assert "Too Many Requests" in bot.refused(
        "editForumTopic", chat_id=CHAT, message_thread_id=thread, name="x"
    )
    assert bot.do("getMe")
    sim.advance_clock(wait)
    bot.say("welcome back", thread)


def test_another_group_has_a_budget_of_its_own(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.add_support_group(token="42:simulated-token", chat_id=-1002)
    sim.set_pacing(enabled=True, per_group=1)
    bot.say("here")
    bot.refused("sendMessage", chat_id=CHAT, text="again")
    bot.do("sendMessage", chat_id=-1002, text="there")


def test_calls_during_the_wait_prolong_it(bot: Bot, sim: SimulatorClient) -> None:
    sim.set_pacing(enabled=True, per_group=1, group_window_seconds=10, prolong_seconds=5)
    bot.say("one")
    waits = [
        bot.ask("sendMessage", chat_id=CHAT, text="x").json()["parameters"]["retry_after"]
        for _ in range(3)
    ]
    assert waits == [10, 15, 20]
    sim.forgive()
    bot.say("forgiven")


def test_a_short_wait_can_be_sat_out_inside_the_call(bot: Bot, sim: SimulatorClient) -> None:
    sim.set_pacing(enabled=True, per_group=1, group_window_seconds=0.2, silent_wait_seconds=1)
    bot.say("one")
    began = time.monotonic()
    bot.say("two")
    assert time.monotonic() - began > 0.1


def test_a_ban_of_hours(bot: Bot, sim: SimulatorClient) -> None:
    sim.ban(BOT_ID, CHAT, 7200)
    answer = bot.ask("sendMessage", chat_id=CHAT, text="x").json()
    assert answer["parameters"]["retry_after"] >= 7199


def test_chat_actions_have_limits_of_their_own(bot: Bot, sim: SimulatorClient) -> None:
    sim.set_pacing(enabled=True)
    for _ in range(20):
        bot.do("sendChatAction", chat_id=CHAT, action="typing")
    assert bot.refused("sendChatAction", chat_id=CHAT, action="typing").startswith(
        "Too Many Requests"
    )
    bot.say("posts are not concerned")


def test_faults_hit_as_ordered_and_are_used_up(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.add_fault("flood", method="sendMessage", retry_after=7)
    sim.add_fault("error", name="server_error")
    sim.add_fault("html")
    flood = bot.ask("sendMessage", chat_id=CHAT, text="x")
    assert (flood.status_code, flood.headers["retry-after"]) == (429, "7")
    assert bot.ask("sendMessage", chat_id=CHAT, text="x").status_code == 500
    page = bot.ask("sendMessage", chat_id=CHAT, text="x")
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html")
    assert support.messages() == []
    bot.say("clear sky")
    assert [call.fault for call in sim.calls("sendMessage")] == ["flood", "error", "html", ""]


def test_a_fault_may_mean_one_topic_only(bot: Bot, sim: SimulatorClient) -> None:
    here, there = bot.topic(), bot.topic()
    fault = sim.add_fault(
        "error", name="topic_deleted", method="sendmessage", thread_id=here, times=None
    )
    bot.say("fine", there)
    for _ in range(2):
        assert bot.refused("sendMessage", chat_id=CHAT, message_thread_id=here, text="x") == (
            "Bad Request: TOPIC_DELETED"
        )
    sim.remove_fault(fault)
    bot.say("fine again", here)


def test_a_fault_may_mean_one_text_only(bot: Bot, sim: SimulatorClient) -> None:
    sim.add_fault("error", name="parse_mode", text="marked", times=None)
    bot.say("fine")
    assert bot.refused("sendMessage", chat_id=CHAT, text="two\nmarked lines")


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_no_answer_leaves_the_caller_in_doubt(
    bot: Bot, sim: SimulatorClient, support: SupportGroup, kind: str, after_effect: bool
) -> None:
    if kind == "timeout":
        sim.add_fault("timeout", after_effect=after_effect)
    else:
        sim.add_fault("reset", after_effect=after_effect)
    with pytest.raises((requests.ReadTimeout, requests.ConnectionError)):
        requests.post(
            f"{sim.base_url}/bot42:simulated-token/sendMessage",
            json={"chat_id": CHAT, "text": "was it sent?"},
            timeout=0.3,
        )
    (call,) = sim.wait_for_call("sendMessage")
    assert call.status == 0
    assert call.fault == kind + ("_after_effect" if after_effect else "")
    assert support.texts() == (["was it sent?"] if after_effect else [])


@pytest.mark.parametrize("way", ["one", "all"])
def test_a_fault_that_is_taken_back_lets_go_of_the_calls_that_it_holds(
    sim: SimulatorClient, support: SupportGroup, way: str
) -> None:
    fault = sim.add_fault("timeout", times=None, after_effect=True)
    with ThreadPoolExecutor() as pool:
        held = pool.submit(
            requests.post,
            f"{sim.base_url}/bot42:simulated-token/sendMessage",
            json={"chat_id": CHAT, "text": "was it sent?"},
            timeout=60,
        )
        support.wait_for_message("was it sent?")
        sim.remove_fault(fault) if way == "one" else sim.clear_faults()
        assert isinstance(held.exception(), requests.ConnectionError)
        assert not isinstance(held.exception(), requests.ReadTimeout)


def test_an_error_after_the_effect_lies(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.add_fault("error", name="server_error", after_effect=True)
    assert bot.ask("sendMessage", chat_id=CHAT, text="sent").status_code == 500
    assert support.texts() == ["sent"]


def test_a_slow_answer_comes_late_but_whole(bot: Bot, sim: SimulatorClient) -> None:
    sim.add_fault("slow", delay_ms=150)
    began = time.monotonic()
    bot.say("patience")
    assert time.monotonic() - began >= 0.15
