"""Telegram's error answers, with the exact texts that clients match on."""

from __future__ import annotations

from telegram_simulator.records import Json

BAD_REQUEST = 400
FLOOD = 429

NAMED: dict[str, tuple[int, str]] = {
    "unauthorized": (401, "Unauthorized"),
    "not_found": (404, "Not Found"),
    "method_not_found": (404, "Not Found: method not found"),
    "server_error": (500, "Internal Server Error"),
    "restart": (500, "Internal Server Error: restart"),
    "chat_not_found": (400, "Bad Request: chat not found"),
    "chat_id_empty": (400, "Bad Request: chat_id is empty"),
    "kicked": (403, "Forbidden: bot was kicked from the supergroup chat"),
    "kicked_from_group": (403, "Forbidden: bot was kicked from the group chat"),
    "not_a_member": (403, "Forbidden: bot is not a member of the supergroup chat"),
    "group_deleted": (403, "Forbidden: the group chat was deleted"),
    "blocked_by_user": (403, "Forbidden: bot was blocked by the user"),
    "cannot_initiate": (403, "Forbidden: bot can't initiate conversation with a user"),
    "upgraded": (400, "Bad Request: group chat was upgraded to a supergroup chat"),
    "thread_not_found": (400, "Bad Request: message thread not found"),
    "topic_deleted": (400, "Bad Request: TOPIC_DELETED"),
    "topic_id_invalid": (400, "Bad Request: TOPIC_ID_INVALID"),
    "topic_closed": (400, "Bad Request: TOPIC_CLOSED"),
    "topic_not_modified": (400, "Bad Request: TOPIC_NOT_MODIFIED"),
    "thread_identifier": (400, "Bad Request: invalid forum topic identifier specified"),
    "not_a_forum": (400, "Bad Request: the chat is not a forum"),
    "channel_forum_missing": (400, "Bad Request: CHANNEL_FORUM_MISSING"),
    "name_empty": (400, "Bad Request: name must be non-empty"),
    "no_right_create_topic": (400, "Bad Request: not enough rights to create a topic"),
    "no_right_edit_topic": (400, "Bad Request: not enough rights to edit the topic"),
    "no_right_close_topic": (400, "Bad Request: not enough rights to close or open the topic"),
    "no_right_delete_topic": (400, "Bad Request: not enough rights to delete the topic"),
    "no_right_pin": (400, "Bad Request: not enough rights to manage pinned messages in the chat"),
    "no_right_send_text": (
        400,
        "Bad Request: not enough rights to send text messages to the chat",
    ),
    "no_write_access": (400, "Bad Request: have no write access to the chat"),
    "admin_required": (400, "Bad Request: CHAT_ADMIN_REQUIRED"),
    "message_too_long": (400, "Bad Request: message is too long"),
    "text_too_long": (400, "Bad Request: text is too long"),
    "caption_too_long": (400, "Bad Request: message caption is too long"),
    "text_empty": (400, "Bad Request: message text is empty"),
    "text_blank": (400, "Bad Request: text must be non-empty"),
    "parse_mode": (400, "Bad Request: unsupported parse_mode"),
    "entity_bounds": (400, "Bad Request: ENTITY_BOUNDS_INVALID"),
    "not_modified": (
        400,
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message",
    ),
    "edit_not_found": (400, "Bad Request: message to edit not found"),
    "cannot_edit": (400, "Bad Request: message can't be edited"),
    "no_text_to_edit": (400, "Bad Request: there is no text in the message to edit"),
    "reply_not_found": (400, "Bad Request: message to be replied not found"),
    "quote_invalid": (400, "Bad Request: QUOTE_TEXT_INVALID"),
    "delete_not_found": (400, "Bad Request: message to delete not found"),
    "cannot_delete": (400, "Bad Request: message can't be deleted"),
    "cannot_delete_for_all": (400, "Bad Request: message can't be deleted for everyone"),
    "pin_not_found": (400, "Bad Request: message to pin not found"),
    "unpin_not_found": (400, "Bad Request: message to unpin not found"),
    "react_not_found": (400, "Bad Request: message to react not found"),
    "reaction_invalid": (400, "Bad Request: REACTION_INVALID"),
    "query_too_old": (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    "button_data_invalid": (400, "Bad Request: BUTTON_DATA_INVALID"),
    "file_empty": (400, "Bad Request: file must be non-empty"),
    "photo_too_big": (413, "Request Entity Too Large"),
    "file_too_big": (400, "Bad Request: file is too big"),
    "file_unavailable": (
        400,
        "Bad Request: wrong file_id or the file is temporarily unavailable",
    ),
    "file_id_invalid": (400, "Bad Request: invalid file_id"),
    "user_not_found": (400, "Bad Request: user not found"),
    "webhook_url_invalid": (400, "Bad Request: invalid webhook URL specified"),
    "secret_too_long": (400, "Bad Request: secret token is too long"),
    "secret_characters": (400, "Bad Request: secret token contains unallowed characters"),
    "webhook_active": (
        409,
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first",
    ),
    "other_poller": (
        409,
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    ),
    "ended_by_webhook": (409, "Conflict: terminated by setWebhook request"),
    "bad_gateway": (502, "Bad Gateway"),
}
"""Short name of each answer we can give -> (error_code, description)."""


class TelegramError(Exception):
    """A refusal as Telegram would word it; `parameters` is the answer's field of that name."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class ControlError(Exception):
    """A control call that cannot be done: unknown group, a person without the right, …"""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def refusal(name: str, **parameters: int) -> TelegramError:
    """The error answer of this short name."""
    code, description = NAMED[name]
    return TelegramError(code, description, dict(parameters) or None)


def bad_request(text: str) -> TelegramError:
    return TelegramError(BAD_REQUEST, f"Bad Request: {text}")


def too_many_requests(retry_after: int) -> TelegramError:
    return TelegramError(
        FLOOD, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
    )
