"""Forum topics: made, renamed, closed, reopened, deleted, by the bot and by hand."""

from __future__ import annotations

from typing import Any

from telegram_simulator.client import SimulatorClient, SupportGroup
from telegram_simulator.tests.bot import BOT_ID, CHAT, Bot


def events(bot: Bot) -> list[dict[str, Any]]:
    """Messages among the bot's updates, confirmed by reading them."""
    updates = bot.do("getUpdates")
    if updates:
        bot.do("getUpdates", offset=updates[-1]["update_id"] + 1)
    return [update["message"] for update in updates]


def test_a_topics_id_is_the_id_of_its_creation_message(bot: Bot) -> None:
    topic = bot.do("createForumTopic", chat_id=CHAT, name="  Amber \n Otter ", icon_color=9367192)
    assert topic == {
        "message_thread_id": topic["message_thread_id"],
        "name": "Amber Otter",
        "icon_color": 9367192,
    }
    (created,) = events(bot)
    assert created["message_id"] == created["message_thread_id"] == topic["message_thread_id"]
    assert created["from"]["id"] == BOT_ID
    assert created["forum_topic_created"] == {"name": "Amber Otter", "icon_color": 9367192}


def test_a_long_name_is_cut_and_a_blank_one_refused(bot: Bot, sim: SimulatorClient) -> None:
    topic = bot.do("createForumTopic", chat_id=CHAT, name="n" * 200)
    assert len(topic["name"]) == 128
    assert [one.problem for one in sim.violations()] == ["name is longer than 128 characters"]
    for blank in (" \n ", "\u200b\u200b", "\u2800", "\ufeff\u3000"):
        assert bot.refused("createForumTopic", chat_id=CHAT, name=blank) == (
            "Bad Request: name must be non-empty"
        )
    spaced = bot.do("createForumTopic", chat_id=CHAT, name=" Amber\u3000\u00a0\n Otter\u202e ")
    assert spaced["name"] == "Amber Otter"


def test_renaming_tells_the_bot_and_the_same_name_again_is_refused(
    bot: Bot, support: SupportGroup
) -> None:
    thread = bot.topic("before")
    events(bot)
    place = {"chat_id": CHAT, "message_thread_id": thread}
    bot.do("editForumTopic", **place, name="after")
    assert events(bot)[0]["forum_topic_edited"] == {"name": "after"}
    assert bot.refused("editForumTopic", **place, name="after") == (
        "Bad Request: TOPIC_NOT_MODIFIED"
    )
    assert bot.do("editForumTopic", **place) is True
    support.rename_topic("Ana", thread, "by hand")
    (renamed,) = events(bot)
    assert renamed["forum_topic_edited"] == {"name": "by hand"}
    assert renamed["from"]["first_name"] == "Ana"


def test_closing_and_reopening(bot: Bot, support: SupportGroup) -> None:
    thread = bot.topic()
    events(bot)
    place = {"chat_id": CHAT, "message_thread_id": thread}
    bot.do("closeForumTopic", **place)
    assert bot.refused("closeForumTopic", **place) == "Bad Request: TOPIC_NOT_MODIFIED"
    support.wait_until_topic(thread, is_closed=True)
    support.reopen_topic("Greg", thread)
    assert bot.refused("reopenForumTopic", **place) == "Bad Request: TOPIC_NOT_MODIFIED"
    closed, reopened = events(bot)
    assert (closed["forum_topic_closed"], closed["from"]["id"]) == ({}, BOT_ID)
    assert (reopened["forum_topic_reopened"], reopened["from"]["first_name"]) == ({}, "Greg")
    assert reopened["is_topic_message"] is True


def test_a_deleted_topic_is_learned_from_a_failing_call(
    bot: Bot, support: SupportGroup, sim: SimulatorClient
) -> None:
    thread = bot.topic()
    bot.say("hello", thread)
    events(bot)
    support.delete_topic("Ana", thread)
    assert events(bot) == []
    assert support.topics() == []
    place = {"chat_id": CHAT, "message_thread_id": thread}
    gone = "Bad Request: message thread not found"
    assert bot.refused("sendMessage", **place, text="x") == gone
    for method in ("closeForumTopic", "reopenForumTopic", "deleteForumTopic", "editForumTopic"):
        assert bot.refused(method, **place) == "Bad Request: TOPIC_ID_INVALID"
    assert bot.do("sendChatAction", **place, action="typing") is True
    sim.set_server_options(deleted_topic_answer="topic_deleted")
    assert bot.refused("sendMessage", **place, text="x") == "Bad Request: TOPIC_DELETED"


def test_deleting_by_the_bot_takes_all_messages_along(bot: Bot, support: SupportGroup) -> None:
    thread = bot.topic()
    message_id = bot.say("hello", thread)
    bot.do("deleteForumTopic", chat_id=CHAT, message_thread_id=thread)
    assert support.messages(thread, service=True) == []
    assert bot.refused("editMessageText", chat_id=CHAT, message_id=message_id, text="x") == (
        "Bad Request: message to edit not found"
    )
    assert support.topics(deleted=True)[0].is_deleted


def test_general_has_no_usable_thread_id(bot: Bot, support: SupportGroup) -> None:
    assert bot.refused("sendMessage", chat_id=CHAT, message_thread_id=1, text="x") == (
        "Bad Request: message thread not found"
    )
    assert bot.refused("closeForumTopic", chat_id=CHAT, message_thread_id=0) == (
        "Bad Request: invalid forum topic identifier specified"
    )
    first = support.write("Ana", "in General")
    support.write("Greg", "answering", reply_to=first.message_id)
    plain, reply = events(bot)
    assert "message_thread_id" not in plain
    assert "is_topic_message" not in plain
    assert reply["message_thread_id"] == first.message_id
    assert "is_topic_message" not in reply
    assert reply["reply_to_message"]["text"] == "in General"


def test_without_topics_a_thread_is_silently_dropped(bot: Bot, support: SupportGroup) -> None:
    thread = bot.topic()
    support.switch_topics(on=False)
    assert "is_forum" not in bot.do("getChat", chat_id=CHAT)
    sent = bot.do("sendMessage", chat_id=CHAT, message_thread_id=thread, text="seen by all")
    assert "message_thread_id" not in sent
    assert "is_topic_message" not in sent
    assert bot.refused("createForumTopic", chat_id=CHAT, name="x") == (
        "Bad Request: the chat is not a forum"
    )


def test_a_plain_message_of_a_topic_seems_to_answer_its_creation(
    bot: Bot, support: SupportGroup
) -> None:
    thread = bot.topic()
    events(bot)
    question = bot.say("question", thread)
    support.write("Ana", "plain", thread)
    support.write("Ana", "reply", thread, reply_to=question)
    plain, reply = events(bot)
    assert plain["reply_to_message"]["message_id"] == thread
    assert "forum_topic_created" in plain["reply_to_message"]
    assert reply["reply_to_message"]["message_id"] == question
    assert "reply_to_message" not in reply["reply_to_message"]


def test_a_reply_into_another_topic_is_external(bot: Bot, support: SupportGroup) -> None:
    here, there = bot.topic("here"), bot.topic("there")
    events(bot)
    elsewhere = bot.say("elsewhere", there)
    support.write("Ana", "about that", here, reply_to=elsewhere)
    (reply,) = events(bot)
    assert reply["message_thread_id"] == here
    assert reply["external_reply"]["message_id"] == elsewhere


def test_one_sequence_of_message_ids_for_the_whole_group(bot: Bot, support: SupportGroup) -> None:
    one, two = bot.topic("one"), bot.topic("two")
    ids = [one, two, bot.say("a", one), bot.say("b", two), support.write("Ana", "c").message_id]
    assert ids == list(range(ids[0], ids[0] + 5))
