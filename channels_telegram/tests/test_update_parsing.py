"""Reading a webhook's body."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_telegram.updates import CONTENT, UnreadableUpdate, parse_update

CHAT = {"id": -1001234567890, "type": "supergroup", "title": "Support", "is_forum": True}
PERSON = {"id": 7001, "is_bot": False, "first_name": "Ana", "username": "ana"}


def message(**fields: Any) -> dict[str, Any]:
    """A message as Telegram sends it, with what we do not read too."""
    return {"message_id": 12, "date": 1700000000, "chat": CHAT, "from": PERSON, **fields}


def read(**update: Any) -> Any:
    return parse_update(json.dumps({"update_id": 100, **update}).encode())


def test_a_plain_message_in_a_topic() -> None:
    creation = message(forum_topic_created={"name": "Amber Otter", "icon_color": 7322096})
    update = read(
        message=message(
            text="Hello",
            message_thread_id=5,
            is_topic_message=True,
            reply_to_message=creation,
            entities=[{"type": "bold", "offset": 0, "length": 5}],
            something_new={"of": "tomorrow"},
        )
    )
    assert update.message.topic_id == 5
    assert update.message.text == "Hello"
    assert update.message.has_content
    assert update.message.sender.full_name == "Ana"


def test_a_reply_chain_in_general_is_no_topic() -> None:
    assert read(message=message(text="Hi", message_thread_id=5)).message.topic_id is None


REPORTS: list[dict[str, Any]] = [
    {"forum_topic_created": {"name": "x", "icon_color": 1}},
    {"forum_topic_edited": {}},
    {"forum_topic_closed": {}},
    {"forum_topic_reopened": {}},
    {"pinned_message": {"chat": CHAT, "message_id": 3, "date": 0}},
    {"new_chat_members": [PERSON]},
    {"left_chat_member": PERSON},
    {"migrate_to_chat_id": -1009876543210},
    {"general_forum_topic_hidden": {}},
    {"checklist_tasks_done": {"marked_as_done_task_ids": [1]}},
    {"checklist_tasks_added": {"tasks": []}},
    {"gift": {"gift": {}}},
    {"unique_gift": {}},
    {"giveaway_created": {}},
    {"giveaway_completed": {"winner_count": 1}},
    {"paid_message_price_changed": {"paid_message_star_count": 5}},
    {"direct_message_price_changed": {}},
    {"suggested_post_approved": {}},
    {"proximity_alert_triggered": {}},
    {"successful_payment": {}},
    {"web_app_data": {}},
    {"boost_added": {"boost_count": 1}},
    {"chat_background_set": {}},
    {"video_chat_started": {}},
    {"of_tomorrow": {"anything": True}},
    {},
]


@pytest.mark.parametrize("event", REPORTS)
def test_reports_about_the_group_are_told_from_content(event: dict[str, Any]) -> None:
    assert not read(message=message(**event)).message.has_content


@pytest.mark.parametrize("kind", CONTENT)
@pytest.mark.parametrize("value", [{}, [{"file_id": "x"}], "of another shape", 5])
def test_content_is_known_by_its_field_alone(kind: str, value: Any) -> None:
    assert read(message=message(**{kind: value})).message.has_content
    assert not read(message=message(**{kind: None})).message.has_content


@pytest.mark.parametrize("entities", [None, 5, "x", {}, [[]], [{"type": "text_link"}]])
def test_formatting_of_any_shape_leaves_the_words_readable(entities: Any) -> None:
    spoiled = message(text="Hello", entities=entities, caption_entities=entities)
    assert read(message=spoiled).message.words == "Hello"
    captioned = message(caption="Hello", photo=[], caption_entities=entities)
    assert read(message=captioned).message.words == "Hello"


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        ({"first_name": "Ana", "last_name": "Kalna"}, "Ana Kalna"),
        ({"first_name": "", "username": "ana"}, "ana"),
        ({"first_name": ""}, ""),
        ({}, ""),
    ],
)
def test_names_can_be_missing(person: dict[str, Any], shown: str) -> None:
    update = read(message=message(**{"from": {"id": 1, **person}}))
    assert update.message.sender.full_name == shown


def test_a_button_under_a_message_that_is_gone() -> None:
    gone = {"chat": CHAT, "message_id": 12, "date": 0}
    update = read(callback_query={"id": "1", "from": PERSON, "message": gone, "data": "claim:x"})
    assert update.callback_query.message.topic_id is None


def test_kinds_of_updates_that_we_do_not_know_are_readable() -> None:
    update = read(message_reaction={"anything": [1, 2]})
    assert (update.message, update.callback_query) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"12",
        b'"text"',
        b"{",
        b"{}",
        b'{"update_id": "12"}',
        b'{"update_id": 1.5}',
        b'{"update_id": 99999999999999999999}',
        b'{"update_id": 1, "message": 5}',
        b'{"update_id": 1, "message": {"message_id": 1}}',
        b'{"update_id": 1, "message": {"message_id": 9223372036854775807, "chat": {"id": 1}}}',
        b'{"update_id": 1, "message": {"message_id": 1, "chat": {"id": -99999999999999999}}}',
        b"\xff\xfe{}",
        b'{"update_id": 1, "message": {"message_id": 1, "chat": {"id": 1}, "text": "\xff"}}',
        b"[" * 50_000,
        b'{"update_id": 1, "message": ' + b'{"a":' * 20_000,
    ],
)
def test_what_is_no_update_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(UnreadableUpdate):
        parse_update(body)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    try:
        parse_update(body)
    except UnreadableUpdate:
        return
