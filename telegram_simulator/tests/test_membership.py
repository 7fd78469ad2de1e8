"""Who may do what, and what happens when the bot loses its place."""

from __future__ import annotations

from typing import Any

import pytest

from telegram_simulator.client import (
    SimulatorClient,
    SimulatorRefused,
    SupportGroup,
)
from telegram_simulator.tests.bot import BOT_ID, CHAT, TOKEN, Bot


def test_rights_are_named_when_they_are_missing(bot: Bot, support: SupportGroup) -> None:
    thread = support.create_topic("Ana", "by hand").thread_id
    message_id = bot.say("hello", thread)
    place = {"chat_id": CHAT, "message_thread_id": thread}
    support.set_bot_rights([])
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("createForumTopic", {"chat_id": CHAT, "name": "x"}, "to create a topic"),
        ("editForumTopic", {**place, "name": "x"}, "to edit the topic"),
        ("closeForumTopic", place, "to close or open the topic"),
        ("deleteForumTopic", place, "to delete the topic"),
        (
            "pinChatMessage",
            {"chat_id": CHAT, "message_id": message_id},
            "to manage pinned messages in the chat",
        ),
    ]
    for method, more, right in calls:
        assert bot.refused(method, **more) == f"Bad Request: not enough rights {right}"


def test_the_creator_of_a_topic_needs_no_right_for_it(bot: Bot, support: SupportGroup) -> None:
    own = bot.topic()
    foreign = support.create_topic("Ana", "by hand").thread_id
    support.set_bot_rights([])
    support.close_topic("Ana", own)
    support.close_topic("Ana", foreign)
    bot.say("still mine", own)
    assert bot.refused("sendMessage", chat_id=CHAT, message_thread_id=foreign, text="x") == (
        "Bad Request: TOPIC_CLOSED"
    )


def test_a_manager_of_topics_writes_into_a_closed_one(bot: Bot, support: SupportGroup) -> None:
    thread = support.create_topic("Ana", "by hand").thread_id
    support.close_topic("Ana", thread)
    bot.say("as admin", thread)
    support.set_member("Greg", "member")
    with pytest.raises(SimulatorRefused, match="closed"):
        support.write("Greg", "not allowed", thread)


def test_a_kicked_bot_hears_of_it_and_cannot_return_by_itself(
    bot: Bot, support: SupportGroup
) -> None:
    support.kick_bot()
    kicked = "Forbidden: bot was kicked from the supergroup chat"
    assert bot.refused("sendMessage", chat_id=CHAT, text="x") == kicked
    assert bot.refused("getChat", chat_id=CHAT) == kicked
    change = bot.do("getUpdates")[0]["my_chat_member"]
    assert change["old_chat_member"]["status"] == "administrator"
    assert change["new_chat_member"]["status"] == "kicked"
    assert change["from"]["first_name"] == "Ana"
    support.write("Ana", "the bot does not see this")
    support.add_bot()
    bot.say("back again")


def test_a_restricted_bot_may_only_read(bot: Bot, support: SupportGroup) -> None:
    support.set_member(BOT_ID, "restricted", can_send=False)
    assert bot.refused("sendMessage", chat_id=CHAT, text="x") == (
        "Bad Request: not enough rights to send text messages to the chat"
    )


def test_unknown_places(bot: Bot, sim: SimulatorClient) -> None:
    assert bot.refused("sendMessage", chat_id=-5, text="x") == "Bad Request: chat not found"
    assert bot.refused("sendMessage", chat_id="@nowhere", text="x") == (
        "Bad Request: chat not found"
    )
    sim.seed(groups=[{"id": -1007}])
    assert bot.refused("getChat", chat_id=-1007) == (
        "Forbidden: bot is not a member of the supergroup chat"
    )


def test_an_upgraded_group_names_its_successor(sim: SimulatorClient) -> None:
    old = sim.add_support_group(token=TOKEN, chat_id=-77, type="group", is_forum=False)
    new = old.upgrade()
    bot = Bot(sim.base_url)
    answer = bot.ask("sendMessage", chat_id=-77, text="x").json()
    assert answer == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new.chat_id},
    }
    there, here = (update["message"] for update in bot.do("getUpdates"))
    assert (there["chat"]["id"], there["migrate_to_chat_id"]) == (-77, new.chat_id)
    assert (here["chat"]["id"], here["migrate_from_chat_id"]) == (new.chat_id, -77)
    assert bot.do("sendMessage", chat_id=new.chat_id, text="moved")["message_id"]
    bot.session.close()


def test_tokens(bot: Bot, sim: SimulatorClient) -> None:
    for token, status, text in [
        ("42:another-token", 401, "Unauthorized"),
        ("nonsense", 404, "Not Found"),
    ]:
        stranger = Bot(sim.base_url, token)
        answer = stranger.ask("getMe")
        assert (answer.status_code, answer.json()["description"]) == (status, text)
        stranger.session.close()
    sim.revoke_token(BOT_ID)
    assert bot.refused("getMe") == "Unauthorized"
    sim.add_support_group(token=TOKEN, chat_id=CHAT)
    assert bot.do("GETME")["username"] == "chatorical_bot"
    assert bot.refused("getTheMoon") == "Not Found: method not found"


def test_other_bots_are_invisible_unless_asked_for(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.seed(bots=[{"token": "43:other", "username": "other_bot"}])
    support.set_member(43, "administrator")
    bot.do("getUpdates", offset=10**9)
    support.write(43, "from a bot")
    assert bot.do("getUpdates") == []
    sim.seed(bots=[{"token": TOKEN, "sees_bots": True}])
    support.write(43, "from a bot again")
    assert bot.do("getUpdates")[0]["message"]["from"]["is_bot"] is True


def test_privacy_hides_ordinary_talk_from_a_plain_member(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    assert bot.do("getMe")["can_read_all_group_messages"] is False, "as bots begin"
    support.write("Ana", "an administrator hears all")
    assert bot.do("getUpdates")[-1]["message"]["text"] == "an administrator hears all"
    support.set_member(BOT_ID, "member")
    bot.do("getUpdates", offset=10**9)
    own = bot.say("hello")
    support.write("Ana", "talk")
    support.write("Ana", "/help")
    support.write("Ana", "/help@another_bot")
    support.report("Ana", "checklist_tasks_done", {"marked_as_done_task_ids": [1]})
    support.write("Ana", "answer", reply_to=own)
    heard = [update["message"] for update in bot.do("getUpdates")]
    assert [one.get("text") for one in heard] == ["/help", None, "answer"]
    assert heard[1]["checklist_tasks_done"] == {"marked_as_done_task_ids": [1]}
    sim.set_privacy(BOT_ID, on=False)
    assert bot.do("getMe")["can_read_all_group_messages"] is True
    support.write("Ana", "now everything")
    assert bot.do("getUpdates")[-1]["message"]["text"] == "now everything"


def test_get_chat_member_shows_rights(bot: Bot, support: SupportGroup) -> None:
    support.set_bot_rights(["can_manage_topics"])
    member = bot.do("getChatMember", chat_id=CHAT, user_id=BOT_ID)
    assert member["status"] == "administrator"
    assert member["can_manage_topics"] is True
    assert member["can_pin_messages"] is False
    assert bot.do("getChatMember", chat_id=CHAT, user_id=support.id_of("Ana"))["status"] == (
        "creator"
    )
    assert bot.refused("getChatMember", chat_id=CHAT, user_id=999) == "Bad Request: user not found"
