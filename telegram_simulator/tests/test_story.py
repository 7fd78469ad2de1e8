"""The shortest whole story: a topic, a button, a claim, an answer."""

from __future__ import annotations

from telegram_simulator.client import SimulatorClient, SupportGroup
from telegram_simulator.tests.bot import BOT_ID, CHAT, Bot, keyboard


def test_a_customer_is_answered_by_ana(
    sim: SimulatorClient, support: SupportGroup, bot: Bot
) -> None:
    thread = bot.topic("Amber Otter")
    bot.say("Amber Otter: where is my order?", thread, reply_markup=keyboard("Claim", "Close"))

    shown = support.wait_for_message("where is my order?", thread, button="Claim")
    press = support.press("Ana", shown.message_id, "Claim")
    support.write("Ana", "On its way", thread)

    created, pressed, answered = bot.do("getUpdates")
    assert created["message"]["forum_topic_created"]["name"] == "Amber Otter"
    assert created["message"]["from"]["id"] == BOT_ID
    assert pressed["callback_query"]["data"] == "claim"
    assert pressed["callback_query"]["message"]["message_thread_id"] == thread
    assert answered["message"]["text"] == "On its way"
    assert answered["message"]["is_topic_message"] is True
    assert answered["message"]["chat"] == {
        "id": CHAT,
        "title": "Support",
        "type": "supergroup",
        "is_forum": True,
    }

    bot.do("answerCallbackQuery", callback_query_id=press.id, text="Yours")
    assert support.wait_for_answer(press).text == "Yours"
    assert [call.method for call in sim.calls() if call.ok] == [
        "createForumTopic",
        "sendMessage",
        "getUpdates",
        "answerCallbackQuery",
    ]
    assert sim.violations() == []
