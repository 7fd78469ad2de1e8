"""What Telegram's refusals mean, told by their text: nearly all of them share the status 400."""

from collections.abc import Mapping
from typing import Any


class TelegramError(Exception):
    """A call that did not do what was asked; `description` is Telegram's own wording.

    `bot_id` says by whom it was made, `chat_id` and `thread_id` where: None for calls that name no
    group or topic.
    """

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description
        self.bot_id: int | None = None
        self.chat_id: int | None = None
        self.thread_id: int | None = None


class FloodWait(TelegramError):
    """429: no call for this chat for so many seconds; earlier ones make it longer."""

    def __init__(self, description: str, retry_after_seconds: int) -> None:
        super().__init__(description)
        self.retry_after_seconds = retry_after_seconds


class ServerTrouble(TelegramError):
    """Telegram, or the way to it, failed before anything happened there.

    Its error 500 comes after something has gone wrong with the call, so that is counted here too.
    """


class OutcomeUnknown(TelegramError):
    """The request had left when the way to Telegram failed: it may have worked or not."""


class TopicGone(TelegramError):
    """The topic was deleted, or archived out of reach."""


class TopicClosed(TelegramError):
    """The topic is closed and the bot lacks the right to write there all the same."""


class AlreadySo(TelegramError):
    """Nothing to change: as good as success."""


class TooLate(TelegramError):
    """The button's question is no longer waiting for an answer."""


class GroupMoved(TelegramError):
    """The group with the id `chat_id` was upgraded and has a new id."""

    def __init__(self, description: str, new_chat_id: int) -> None:
        super().__init__(description)
        self.new_chat_id = new_chat_id


class NeedsAttention(TelegramError):
    """Only a person can mend it: `advice` says how."""

    advice = "Check the bot and the group."


class RightsMissing(NeedsAttention):
    """The bot is in the group without a right that it needs."""

    advice = "Make the bot an admin of the group who may manage topics and pin messages."


class ChatLost(NeedsAttention):
    """The bot is not in the group any more."""

    advice = "Add the bot to the group again, as an admin."


class NotAForum(NeedsAttention):
    """The group has no topics."""

    advice = "Switch topics on in the group's settings."


class TokenRevoked(NeedsAttention):
    """The bot token is not valid any more."""

    advice = "Enter the bot's new token."


class WebhookRefused(NeedsAttention):
    """Telegram does not like our address."""

    advice = "Check PUBLIC_ORIGIN: Telegram must reach it by HTTPS on port 443, 80, 88 or 8443."


class Refused(TelegramError):
    """This one request is wrong and will stay wrong."""


# First match wins; compared in lower case, anywhere in the text.
_BY_TEXT: tuple[tuple[str, type[TelegramError]], ...] = (
    ("message thread not found", TopicGone),
    ("topic_deleted", TopicGone),
    ("topic_id_invalid", TopicGone),
    ("topic_closed", TopicClosed),
    ("topic_not_modified", AlreadySo),
    ("message is not modified", AlreadySo),
    ("message to delete not found", AlreadySo),
    ("message to pin not found", Refused),
    ("message to unpin not found", AlreadySo),
    ("query is too old", TooLate),
    ("query_id_invalid", TooLate),
    ("the chat is not a forum", NotAForum),
    ("the chat is not a supergroup forum", NotAForum),
    ("channel_forum_missing", NotAForum),
    ("not enough rights", RightsMissing),
    ("chat_admin_required", RightsMissing),
    ("have no write access", RightsMissing),
    ("have no rights", RightsMissing),
    ("need administrator rights", RightsMissing),
    ("can't manage topics", RightsMissing),
    ("bot was kicked", ChatLost),
    ("bot is not a member", ChatLost),
    ("chat not found", ChatLost),
    ("group chat was deleted", ChatLost),
    ("chat was deleted", ChatLost),
    ("group chat was deactivated", ChatLost),
    ("bad webhook", WebhookRefused),
    ("method not found", Refused),
)


def error_from(status: int, answer: Mapping[str, Any]) -> TelegramError:
    """The error that an answer with `ok: false` stands for."""
    description = str(answer.get("description", ""))
    parameters = answer.get("parameters")
    if not isinstance(parameters, dict):
        parameters = {}
    if status == 429 or "retry_after" in parameters:
        return FloodWait(description, max(1, int(parameters.get("retry_after", 5))))
    if "migrate_to_chat_id" in parameters:
        return GroupMoved(description, int(parameters["migrate_to_chat_id"]))
    if status > 500:
        # A gateway on the way that has no answer does not know what became of the call.
        return OutcomeUnknown(description or f"HTTP {status}")
    # 409: another call of ours was under way at the same time, such as two at setWebhook.
    if status in (409, 500):
        return ServerTrouble(description or f"HTTP {status}")
    lowered = description.lower()
    for fragment, error_type in _BY_TEXT:
        if fragment in lowered:
            return error_type(description)
    if status in (401, 404):
        return TokenRevoked(description)
    if status == 403:
        return ChatLost(description)
    return Refused(description)


def every_kind_of_error(of: type[TelegramError] = TelegramError) -> list[type[TelegramError]]:
    """TelegramError and each class below it."""
    return [of, *(kind for child in of.__subclasses__() for kind in every_kind_of_error(child))]
