"""What Telegram's answers mean."""

from typing import Any

import pytest

from channels_telegram import api_errors
from channels_telegram.api_errors import (
    AlreadySo,
    ChatLost,
    FloodWait,
    GroupMoved,
    NeedsAttention,
    NotAForum,
    OutcomeUnknown,
    Refused,
    RightsMissing,
    ServerTrouble,
    TelegramError,
    TokenRevoked,
    TooLate,
    TopicClosed,
    TopicGone,
    WebhookRefused,
    error_from,
)

BY_TEXT: list[tuple[int, str, type[TelegramError]]] = [
    (400, "Bad Request: message thread not found", TopicGone),
    (400, "Bad Request: TOPIC_DELETED", TopicGone),
    (400, "Bad Request: TOPIC_ID_INVALID", TopicGone),
    (400, "Bad Request: TOPIC_CLOSED", TopicClosed),
    (400, "Bad Request: TOPIC_NOT_MODIFIED", AlreadySo),
    (400, "Bad Request: message is not modified: specified new message content and …", AlreadySo),
    (400, "Bad Request: message to delete not found", AlreadySo),
    (400, "Bad Request: message to pin not found", Refused),
    (400, "Bad Request: query is too old and response timeout expired or …", TooLate),
    (400, "Bad Request: QUERY_ID_INVALID", TooLate),
    (400, "Bad Request: the chat is not a forum", NotAForum),
    (400, "Bad Request: the chat is not a supergroup forum", NotAForum),
    (400, "Bad Request: CHANNEL_FORUM_MISSING", NotAForum),
    (400, "Bad Request: not enough rights to create a topic", RightsMissing),
    (400, "Bad Request: not enough rights to send text messages to the chat", RightsMissing),
    (400, "Bad Request: have no write access to the chat", RightsMissing),
    (400, "Bad Request: CHAT_ADMIN_REQUIRED", RightsMissing),
    (400, "Bad Request: chat not found", ChatLost),
    (403, "Forbidden: bot was kicked from the supergroup chat", ChatLost),
    (403, "Forbidden: bot is not a member of the supergroup chat", ChatLost),
    (403, "Forbidden: the group chat was deleted", ChatLost),
    (403, "Forbidden: something that nobody has seen yet", ChatLost),
    (401, "Unauthorized", TokenRevoked),
    (404, "Not Found", TokenRevoked),
    (404, "Not Found: method not found", Refused),
    (409, "Conflict: terminated by other setWebhook", ServerTrouble),
    (500, "Internal Server Error", ServerTrouble),
    (500, "Internal Server Error: restart", ServerTrouble),
    (502, "Bad Gateway", OutcomeUnknown),
    (504, "Gateway Timeout", OutcomeUnknown),
    (400, "Bad Request: bad webhook: Failed to resolve host", WebhookRefused),
    (400, "Bad Request: message is too long", Refused),
    (400, "Bad Request: text must be non-empty", Refused),
    (400, "Bad Request: ENTITY_BOUNDS_INVALID", Refused),
    (400, "Bad Request: something that nobody has seen yet", Refused),
    (400, "", Refused),
]


@pytest.mark.parametrize(("status", "text", "expected"), BY_TEXT)
def test_an_answer_is_told_by_its_text(
    status: int, text: str, expected: type[TelegramError]
) -> None:
    error = error_from(status, {"ok": False, "error_code": status, "description": text})
    assert type(error) is expected
    assert error.description == text or not text


@pytest.mark.parametrize(("status", "text", "expected"), BY_TEXT)
def test_capitals_do_not_matter(status: int, text: str, expected: type[TelegramError]) -> None:
    assert type(error_from(status, {"description": text.upper()})) is expected


def test_a_flood_says_how_long_to_wait() -> None:
    answer = {
        "description": "Too Many Requests: retry after 7728",
        "parameters": {"retry_after": 7728},
    }
    error = error_from(429, answer)
    assert isinstance(error, FloodWait)
    assert error.retry_after_seconds == 7728


@pytest.mark.parametrize("parameters", [None, {}, [], "soon"])
def test_a_flood_without_a_time_still_waits(parameters: Any) -> None:
    error = error_from(429, {"description": "Too Many Requests", "parameters": parameters})
    assert isinstance(error, FloodWait)
    assert error.retry_after_seconds >= 1


def test_an_upgraded_group_tells_its_new_id() -> None:
    answer = {
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -1009876543210},
    }
    error = error_from(400, answer)
    assert isinstance(error, GroupMoved)
    assert error.new_chat_id == -1009876543210


def test_whatever_needs_a_person_says_what_to_do() -> None:
    kinds = [kind for kind in vars(api_errors).values() if isinstance(kind, type)]
    needing = [kind for kind in kinds if issubclass(kind, NeedsAttention)]
    assert len(needing) > 4
    assert all(kind.advice.endswith(".") for kind in needing)
