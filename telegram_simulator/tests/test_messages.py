"""Sending, editing, deleting, pinning: what Telegram makes of it, and what it refuses."""

from __future__ import annotations

import pytest

from telegram_simulator.client import SimulatorClient, SimulatorRefused, SupportGroup
from telegram_simulator.tests.bot import CHAT, Bot, keyboard

EMOJI = "😀"  # two UTF-16 units


def test_text_is_trimmed_and_its_entities_move_along(bot: Bot) -> None:
    sent = bot.do(
        "sendMessage",
        chat_id=CHAT,
        text=f"  {EMOJI} bold\x07  ",
        entities=[{"type": "bold", "offset": 5, "length": 4}],
    )
    assert sent["text"] == f"{EMOJI} bold"
    assert sent["entities"] == [{"type": "bold", "offset": 3, "length": 4}]


def test_characters_that_telegram_removes_move_entities_along(bot: Bot) -> None:
    sent = bot.do(
        "sendMessage",
        chat_id=CHAT,
        text="a\r\u202e\tbold",
        entities=[{"type": "bold", "offset": 4, "length": 4}],
    )
    assert sent["text"] == "a bold"
    assert sent["entities"] == [{"type": "bold", "offset": 2, "length": 4}]


def test_a_person_links_words(bot: Bot, support: SupportGroup) -> None:
    link = {"type": "text_link", "offset": 2, "length": 4, "url": "https://shop.example/"}
    written = support.write("Ana", f" {EMOJI}here", entities=[{**link, "offset": 3}])
    assert bot.do("getUpdates")[-1]["message"]["entities"] == [link]
    other = {**link, "url": "https://shop.example/2"}
    support.edit("Ana", written.message_id, f"{EMOJI}here", entities=[other])
    assert bot.do("getUpdates")[-1]["edited_message"]["entities"] == [other]
    with pytest.raises(SimulatorRefused, match="can be seen"):
        support.write("Ana", "\u200b")


def test_entities_out_of_bounds_are_refused(bot: Bot) -> None:
    entities = [{"type": "bold", "offset": 0, "length": 3}]
    assert bot.refused("sendMessage", chat_id=CHAT, text=EMOJI, entities=entities) == (
        "Bad Request: ENTITY_BOUNDS_INVALID"
    )


def test_telegram_finds_commands_links_and_mentions_itself(bot: Bot, support: SupportGroup) -> None:
    support.write("Ana", f"{EMOJI} /claim@chatorical_bot see https://example.org @greg a/b")
    entities = bot.do("getUpdates")[0]["message"]["entities"]
    assert [(one["type"], one["offset"], one["length"]) for one in entities] == [
        ("bot_command", 3, 21),
        ("url", 29, 19),
        ("mention", 49, 5),
    ]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "Bad Request: message text is empty"),
        (" \n\x07", "Bad Request: text must be non-empty"),
        ("\u200b\u200d\ufeff", "Bad Request: text must be non-empty"),
        ("\u2800\u3000\u00a0\u2003", "Bad Request: text must be non-empty"),
        ("\u202e\u2028", "Bad Request: text must be non-empty"),
        ("\ufffc\U000e0041\U000e007f", "Bad Request: text must be non-empty"),
        ("x" * 4097, "Bad Request: message is too long"),
        (EMOJI * 2049, "Bad Request: message is too long"),
        ("x" * 32769, "Bad Request: text is too long"),
    ],
)
def test_text_that_is_refused(bot: Bot, text: str, refusal: str) -> None:
    assert bot.refused("sendMessage", chat_id=CHAT, text=text) == refusal


def test_4096_units_fit(bot: Bot, sim: SimulatorClient) -> None:
    bot.say(EMOJI * 2048)
    assert sim.violations() == []
    bot.refused("sendMessage", chat_id=CHAT, text="x" * 4097)
    assert sim.violations()[0].problem == "text is longer than 4096 UTF-16 units"


def test_html_becomes_entities(bot: Bot) -> None:
    sent = bot.do("sendMessage", chat_id=CHAT, text=f"{EMOJI}<b>a &lt;</b>", parse_mode="HTML")
    assert (sent["text"], sent["entities"]) == (
        f"{EMOJI}a <",
        [{"type": "bold", "offset": 2, "length": 3}],
    )
    assert bot.refused("sendMessage", chat_id=CHAT, text="<b>x", parse_mode="HTML").startswith(
        "Bad Request: can't parse entities: "
    )


def test_callback_data_counts_bytes(bot: Bot, sim: SimulatorClient) -> None:
    def markup(data: str) -> dict[str, object]:
        return {"inline_keyboard": [[{"text": "Go", "callback_data": data}]]}

    bot.say("fits", reply_markup=markup("ā" * 32))
    assert bot.refused(
        "sendMessage", chat_id=CHAT, text="x", reply_markup=markup("ā" * 32 + "x")
    ) == ("Bad Request: BUTTON_DATA_INVALID")
    assert len(sim.violations()) == 1


def test_a_reply_needs_its_target_unless_told_otherwise(bot: Bot) -> None:
    lost = {"message_id": 999}
    assert bot.refused("sendMessage", chat_id=CHAT, text="x", reply_parameters=lost) == (
        "Bad Request: message to be replied not found"
    )
    lenient = {**lost, "allow_sending_without_reply": True}
    sent = bot.do("sendMessage", chat_id=CHAT, text="x", reply_parameters=lenient)
    assert "reply_to_message" not in sent


def test_a_reply_decides_the_topic_and_a_wrong_quote_fails(bot: Bot) -> None:
    thread = bot.topic()
    question = bot.say("where is it?", thread)
    sent = bot.do("sendMessage", chat_id=CHAT, text="x", reply_parameters={"message_id": question})
    assert sent["message_thread_id"] == thread
    quoting = {"message_id": question, "quote": "never said"}
    assert bot.refused("sendMessage", chat_id=CHAT, text="x", reply_parameters=quoting) == (
        "Bad Request: QUOTE_TEXT_INVALID"
    )


def test_an_edit_without_a_keyboard_drops_it(bot: Bot, support: SupportGroup) -> None:
    message_id = bot.say("old", reply_markup=keyboard("Claim"))
    place = {"chat_id": CHAT, "message_id": message_id}
    edited = bot.do("editMessageText", **place, text="new")
    assert "reply_markup" not in edited
    assert edited["edit_date"]
    assert bot.refused("editMessageText", **place, text="new").startswith(
        "Bad Request: message is not modified: "
    )
    bot.do("editMessageReplyMarkup", **place, reply_markup=keyboard("Close"))
    assert support.message(message_id).buttons == {"Close": "close"}
    assert bot.do("getUpdates") == []


def test_only_own_texts_can_be_edited(bot: Bot, support: SupportGroup) -> None:
    foreign = support.write("Ana", "mine").message_id
    assert bot.refused("editMessageText", chat_id=CHAT, message_id=foreign, text="x") == (
        "Bad Request: message can't be edited"
    )


def test_a_persons_edit_comes_as_edited_message(bot: Bot, support: SupportGroup) -> None:
    message = support.write("Ana", "On its wy")
    support.edit("Ana", message.message_id, "On its way")
    written, edited = bot.do("getUpdates")
    assert written["message"]["text"] == "On its wy"
    assert edited["edited_message"]["text"] == "On its way"
    assert edited["edited_message"]["message_id"] == message.message_id


def test_deleting_has_its_limits(bot: Bot, sim: SimulatorClient, support: SupportGroup) -> None:
    thread = bot.topic()
    assert bot.refused("deleteMessage", chat_id=CHAT, message_id=thread) == (
        "Bad Request: message can't be deleted"
    )
    young, old = bot.say("a"), bot.say("b")
    assert bot.do("deleteMessage", chat_id=CHAT, message_id=young) is True
    assert bot.refused("deleteMessage", chat_id=CHAT, message_id=young) == (
        "Bad Request: message to delete not found"
    )
    sim.advance_clock(48 * 3600 + 1)
    assert bot.refused("deleteMessage", chat_id=CHAT, message_id=old) == (
        "Bad Request: message can't be deleted"
    )


def test_pins_are_told_and_kept_per_topic(bot: Bot, support: SupportGroup) -> None:
    thread = bot.topic()
    first, second = bot.say("one", thread), bot.say("two", thread)
    for message_id in (first, second, second):
        bot.do("pinChatMessage", chat_id=CHAT, message_id=message_id)
    pinned = [one["message"] for one in bot.do("getUpdates") if "pinned_message" in one["message"]]
    assert [one["pinned_message"]["message_id"] for one in pinned] == [first, second]
    assert pinned[0]["message_thread_id"] == thread
    assert bot.do("getChat", chat_id=CHAT)["pinned_message"]["message_id"] == second
    bot.do("unpinChatMessage", chat_id=CHAT)
    topic = support.topic(thread)
    assert topic is not None
    assert topic.pinned == [first]
    bot.do("unpinAllForumTopicMessages", chat_id=CHAT, message_thread_id=thread)
    assert bot.refused("unpinChatMessage", chat_id=CHAT, message_id=first) == (
        "Bad Request: message to unpin not found"
    )


def test_a_bot_may_put_one_reaction(bot: Bot, support: SupportGroup) -> None:
    message_id = support.write("Ana", "done").message_id
    eyes = [{"type": "emoji", "emoji": "👀"}]
    place = {"chat_id": CHAT, "message_id": message_id}
    bot.do("setMessageReaction", **place, reaction=eyes)
    assert support.message(message_id).reactions == {support.bot_id: ["👀"]}
    assert bot.refused("setMessageReaction", **place, reaction=eyes * 2) == (
        "Bad Request: REACTION_INVALID"
    )


def test_a_press_can_be_answered_once_and_soon(
    bot: Bot, sim: SimulatorClient, support: SupportGroup
) -> None:
    message_id = bot.say("?", reply_markup=keyboard("Claim"))
    press = support.press("Ana", message_id, "Claim")
    bot.do("answerCallbackQuery", callback_query_id=press.id, text="Yours", show_alert=True)
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert bot.refused("answerCallbackQuery", callback_query_id=press.id) == too_old
    late = support.press("Ana", message_id, data="anything:at-all")
    sim.advance_clock(16)
    assert bot.refused("answerCallbackQuery", callback_query_id=late.id) == too_old
    again = support.press("Ana", message_id, resend_of=late.id)
    assert again.id == late.id
    queries = [update["callback_query"] for update in bot.do("getUpdates")]
    assert [one["data"] for one in queries] == ["claim", "anything:at-all", "anything:at-all"]
    assert queries[1]["id"] == queries[2]["id"]


def test_media_of_people_keep_their_shape(bot: Bot, support: SupportGroup) -> None:
    for kind in ("sticker", "voice", "photo", "document", "dice", "unknown"):
        support.write("Ana", "look" if kind == "photo" else "", kind=kind)
    sticker, voice, photo, document, dice, unknown = (
        update["message"] for update in bot.do("getUpdates")
    )
    assert sticker["sticker"]["emoji"]
    assert voice["voice"]["mime_type"] == "audio/ogg"
    assert (photo["caption"], len(photo["photo"])) == ("look", 2)
    assert dice["dice"]["value"]
    assert "text" not in unknown
    file = bot.do("getFile", file_id=document["document"]["file_id"])
    assert file["file_path"].startswith("documents/")
    big = support.write("Ana", kind="video", size=20 * 1024 * 1024 + 1)
    file_id = big.content["video"]["file_id"]
    assert bot.refused("getFile", file_id=file_id) == "Bad Request: file is too big"
    assert bot.refused("getFile", file_id="nonsense") == "Bad Request: invalid file_id"


def test_who_wrote_can_be_hidden(bot: Bot, support: SupportGroup) -> None:
    support.write("Ana", "as the group", anonymous=True)
    support.write("Greg", "as a channel", as_channel=-1009)
    anonymous, channel = (update["message"] for update in bot.do("getUpdates"))
    assert anonymous["from"]["username"] == "GroupAnonymousBot"
    assert anonymous["sender_chat"]["id"] == CHAT
    assert channel["sender_chat"]["type"] == "channel"
