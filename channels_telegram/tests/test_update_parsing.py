"""Reading a webhook's body."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_telegram.updates import UnreadableUpdate, parse_update

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
    assert not update.message.is_service
    assert update.message.sender.full_name == "Ana"


def test_a_reply_chain_in_general_is_no_topic() -> None:
    assert read(message=message(text="Hi", message_thread_id=5)).message.topic_id is None


@pytest.mark.parametrize(
    "event",
    [
        {"forum_topic_created": {"name": "x", "icon_color": 1}},
        {"forum_topic_edited": {}},
        {"forum_topic_closed": {}},
        {"forum_topic_reopened": {}},
        {"pinned_message": {"chat": CHAT, "message_id": 3, "date": 0}},
        {"new_chat_members": [PERSON]},
        {"left_chat_member": PERSON},
        {"migrate_to_chat_id": -1009876543210},
        {"general_forum_topic_hidden": {}},
    ],
)
def test_service_messages_are_told_from_words(event: dict[str, Any]) -> None:
    assert read(message=message(**event)).message.is_service


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
