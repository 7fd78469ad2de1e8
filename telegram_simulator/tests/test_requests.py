"""Ways to send a request, and how strict mode watches over them."""

from __future__ import annotations

import json

import requests

from telegram_simulator.client import SimulatorClient, SupportGroup
from telegram_simulator.tests.bot import CHAT, TOKEN, Bot, keyboard


def test_query_form_multipart_and_json_say_the_same(
    sim: SimulatorClient, support: SupportGroup
) -> None:
    address = f"{sim.base_url}/bot{TOKEN}/SendMessage"
    given = {
        "chat_id": str(CHAT),
        "text": "hi",
        "disable_notification": "yes",
        "reply_markup": json.dumps(keyboard("Claim")),
    }
    ways = [
        requests.get(address, params=given, timeout=5),
        requests.post(address, data=given, timeout=5),
        requests.post(address, files={k: (None, v) for k, v in given.items()}, timeout=5),
        requests.post(
            address, json={**given, "chat_id": CHAT, "disable_notification": True}, timeout=5
        ),
    ]
    assert [answer.status_code for answer in ways] == [200] * 4
    for message in support.messages():
        assert message.buttons == {"Claim": "claim"}
        assert message.is_silent
    assert sim.violations() == []


def test_strict_mode_names_what_is_wrong(bot: Bot, sim: SimulatorClient) -> None:
    wrong: list[dict[str, object]] = [
        {"chat_id": CHAT, "text": "x", "message_thred_id": 3},
        {"chat_id": CHAT, "text": "x", "message_thread_id": "3"},
        {"chat_id": CHAT, "text": "x", "reply_markup": None},
        {"chat_id": CHAT},
        {"chat_id": CHAT, "text": "x", "reply_markup": {"inline_keyboard": [[{"txt": "x"}]]}},
    ]
    for params in wrong:
        assert bot.refused("sendMessage", **params).startswith("Bad Request: strict mode: ")
    problems = [one.problem for one in sim.violations()]
    assert "message_thred_id" in problems[0]
    assert "message_thread_id" in problems[1]
    assert "reply_markup" in problems[2]
    assert "text" in problems[3]
    assert len(problems) == len(wrong)


def test_without_strict_mode_it_is_as_careless_as_telegram(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.set_server_options(strict=False)
    thread = bot.topic()
    bot.do("sendMessage", chat_id=str(CHAT), text="lost in General", message_thred_id=thread)
    assert support.texts() == ["lost in General"]
    assert bot.refused("sendMessage", chat_id=CHAT) == "Bad Request: message text is empty"
    assert bot.refused("sendMessage", text="x") == "Bad Request: chat_id is empty"
    assert len(sim.violations()) == 1


def test_a_call_is_logged_with_its_parameters_and_without_the_token(
    bot: Bot, sim: SimulatorClient
) -> None:
    thread = bot.topic()
    before = sim.last_call
    bot.say("hello", thread)
    (call,) = sim.wait_for_call("sendMessage", after=before, thread_id=thread)
    assert call.params == {"chat_id": CHAT, "text": "hello", "message_thread_id": thread}
    assert (call.ok, call.bot_id, call.chat_id) == (True, 42, CHAT)
    assert TOKEN not in requests.get(f"{sim.base_url}/sim/calls", timeout=5).text
    assert TOKEN not in requests.get(f"{sim.base_url}/sim/state", timeout=5).text


def test_get_updates_waits_for_the_next_one(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    support.write("Ana", "first")
    (first,) = bot.do("getUpdates")
    assert bot.do("getUpdates", offset=first["update_id"] + 1) == []
    support.write("Ana", "second")
    (second,) = bot.do("getUpdates", offset=first["update_id"] + 1, timeout=5)
    assert second["message"]["text"] == "second"
