"""A small typed client of the Bot API: one method per call that this product makes.

Behaviour: https://core.telegram.org/bots/api. The server waits out small flood waits by itself, so
an answer may take many seconds; there is no way to make a post idempotent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic, perf_counter
from typing import IO, Any
from urllib.parse import quote

import certifi
import msgspec
import structlog
import urllib3
from django.conf import settings
from django.db import connection
from urllib3 import exceptions as http_errors

from channels_telegram import metrics, multipart
from channels_telegram.api_errors import (
    FloodWait,
    OutcomeUnknown,
    Refused,
    ServerTrouble,
    TelegramError,
    error_from,
    every_kind_of_error,
)
from channels_telegram.multipart import Upload
from channels_telegram.updates import ChatMember
from kernel.text import utf16_length

logger = structlog.get_logger(__name__)

for _error in every_kind_of_error():
    metrics.CALL_FAULTS.labels(_error.__name__)

CONNECT_TIMEOUT_SECONDS = 5
# For what Telegram does with a file, on top.
UPLOAD_TIMEOUT_SECONDS = 90
# For a whole file; each piece has the time of an answer.
DOWNLOAD_TIMEOUT_SECONDS = 120
_PIECE_BYTES = 64 * 1024
# What we react to; everything else stays with Telegram.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

Keyboard = list[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class BotUser:
    """Who the token belongs to."""

    id: int
    username: str
    # Privacy mode is off.
    hears_all: bool


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """Where a post has landed; `thread_id` is None outside topics."""

    message_id: int
    thread_id: int | None


@lru_cache(maxsize=1)
def _connections() -> urllib3.PoolManager:
    """One pool of kept-alive connections for all threads of the process.

    Without `requests` on top, which takes as much CPU for a call as everything below it.
    """
    return urllib3.PoolManager(
        num_pools=4, maxsize=settings.OUTBOX_SENDERS, retries=False, ca_certs=certifi.where()
    )


class BotApi:
    """The calls of one bot. Every method raises a TelegramError when Telegram does not comply."""

    def __init__(self, token: str, *, timeout_seconds: float | None = None) -> None:
        """`timeout_seconds` for an answer, by default TELEGRAM_READ_TIMEOUT_SEC.

        Opening a connection may take half of it on top, and CONNECT_TIMEOUT_SECONDS at the most.
        """
        # Every token begins with it.
        self._bot_id = int(token.partition(":")[0])
        self._base = f"{settings.TELEGRAM_API_URL}/bot{token}"
        self._file_base = f"{settings.TELEGRAM_API_URL}/file/bot{token}"
        self._timeout_seconds = timeout_seconds or settings.TELEGRAM_READ_TIMEOUT_SECONDS

    def __repr__(self) -> str:
        return "BotApi(…)"

    def get_me(self) -> BotUser:
        """The bot itself."""
        result = self._call("getMe", {})
        return BotUser(
            id=result["id"],
            username=result.get("username", ""),
            hears_all=bool(result.get("can_read_all_group_messages")),
        )

    def set_webhook(self, *, url: str, secret_token: str) -> None:
        """Receive updates at `url`, signed with the header secret."""
        parameters: dict[str, Any] = {"url": url, "allowed_updates": list(ALLOWED_UPDATES)}
        if secret_token:
            parameters["secret_token"] = secret_token
        self._call("setWebhook", parameters)

    def delete_webhook(self) -> None:
        """Receive nothing any more."""
        self._call("deleteWebhook", {})

    def set_my_commands(self, commands: dict[str, str]) -> None:
        """Show these commands, with their descriptions, in the group's menu."""
        listed = [{"command": name, "description": text} for name, text in commands.items()]
        self._call("setMyCommands", {"commands": listed, "scope": {"type": "all_group_chats"}})

    def is_forum(self, *, chat_id: int) -> bool:
        """Whether the group has topics now; nobody tells when they are switched off."""
        return bool(self._call("getChat", {"chat_id": chat_id}).get("is_forum"))

    def get_chat(self, *, chat_id: int) -> dict[str, Any]:
        """What Telegram tells about the group: `type`, `title`, `is_forum` and more."""
        found: dict[str, Any] = self._call("getChat", {"chat_id": chat_id})
        return found

    def get_chat_member(self, *, chat_id: int, user_id: int) -> ChatMember:
        """A member of the group, with the rights that we ask for."""
        found = self._call("getChatMember", {"chat_id": chat_id, "user_id": user_id})
        return msgspec.convert(found, ChatMember)

    def get_webhook_info(self) -> dict[str, Any]:
        """Where Telegram delivers to, how much waits and what went wrong last."""
        found: dict[str, Any] = self._call("getWebhookInfo", {})
        return found

    def create_forum_topic(self, *, chat_id: int, name: str) -> int:
        """A new topic; returns its thread id."""
        result = self._call("createForumTopic", {"chat_id": chat_id, "name": name})
        return int(result["message_thread_id"])

    def edit_forum_topic(self, *, chat_id: int, thread_id: int, name: str) -> None:
        """Another title for a topic."""
        self._call(
            "editForumTopic",
            {"chat_id": chat_id, "message_thread_id": thread_id, "name": name},
        )

    def close_forum_topic(self, *, chat_id: int, thread_id: int) -> None:
        """Only admins can write there afterwards."""
        self._call("closeForumTopic", {"chat_id": chat_id, "message_thread_id": thread_id})

    def reopen_forum_topic(self, *, chat_id: int, thread_id: int) -> None:
        """Everybody can write there again."""
        self._call("reopenForumTopic", {"chat_id": chat_id, "message_thread_id": thread_id})

    def delete_forum_topic(self, *, chat_id: int, thread_id: int) -> None:
        """Remove a topic with its messages; needs the right to delete messages."""
        self._call("deleteForumTopic", {"chat_id": chat_id, "message_thread_id": thread_id})

    def send_message(
        self,
        *,
        chat_id: int,
        thread_id: int | None,
        text: str,
        bold: Sequence[range] = (),
        quoted: Sequence[range] = (),
        code_from: int = 0,
        keyboard: Keyboard | None = None,
        is_silent: bool = True,
    ) -> PostedMessage:
        """Post plain text of 1 to 4096 UTF-16 units: `bold` ones in bold, `quoted` ones as quotes.

        Those from `code_from` on are code, unless that is 0: no link, mention or command in them.
        `keyboard` holds rows of (label, callback data) buttons.
        """
        parameters: dict[str, Any] = {"text": text, "link_preview_options": {"is_disabled": True}}
        parameters |= _place(chat_id, thread_id, keyboard, is_silent=is_silent)
        entities = _entities(bold=bold, blockquote=quoted)
        if code_from:
            length = utf16_length(text) - code_from
            entities.append({"type": "code", "offset": code_from, "length": length})
        if entities:
            parameters["entities"] = entities
        return _posted(self._call("sendMessage", parameters))

    def send_file(
        self,
        *,
        chat_id: int,
        thread_id: int | None,
        upload: Upload,
        caption: str,
        bold: Sequence[range] = (),
        quoted: Sequence[range] = (),
        keyboard: Keyboard | None = None,
        is_silent: bool = True,
    ) -> PostedMessage:
        """Post a file with a caption of up to 1024 UTF-16 units; the rest as in `send_message`."""
        parameters = _place(chat_id, thread_id, keyboard, is_silent=is_silent)
        parameters["caption"] = caption
        if bold or quoted:
            parameters["caption_entities"] = _entities(bold=bold, blockquote=quoted)
        method = "sendPhoto" if upload.field == "photo" else "sendDocument"
        return _posted(self._call(method, parameters, upload))

    def get_file_path(self, *, file_id: str) -> str:
        """Where Telegram hands a file out, for an hour; it hands out none of more than 20 MB."""
        return str(self._call("getFile", {"file_id": file_id}).get("file_path", ""))

    def download(self, path: str, into: IO[bytes], limit: int) -> None:
        """Write a file's first `limit` bytes; raises Refused when it is not there any more.

        And ServerTrouble for one that comes byte by byte.
        """
        latest = monotonic() + DOWNLOAD_TIMEOUT_SECONDS
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise Refused("no such file")
        try:
            with _connections().request(
                "GET",
                f"{self._file_base}/{quote(path)}",
                timeout=urllib3.Timeout(
                    connect=CONNECT_TIMEOUT_SECONDS, read=self._timeout_seconds
                ),
                redirect=False,
                preload_content=False,
            ) as response:
                if response.status == 404:
                    raise Refused("no such file")
                if response.status != 200:
                    raise ServerTrouble(f"HTTP {response.status}")
                while limit > 0 and (piece := response.read1(min(limit, _PIECE_BYTES))):
                    if monotonic() > latest:
                        raise ServerTrouble("the file came too slowly")
                    into.write(piece)
                    limit -= len(piece)
        except http_errors.HTTPError:
            # Without the error: it names the address, which holds the token.
            raise ServerTrouble("the file did not come") from None

    def pin_chat_message(self, *, chat_id: int, message_id: int) -> None:
        """Pin a message without telling everybody."""
        self._call(
            "pinChatMessage",
            {"chat_id": chat_id, "message_id": message_id, "disable_notification": True},
        )

    def unpin_chat_message(self, *, chat_id: int, message_id: int) -> None:
        """Take the pin off a message."""
        self._call("unpinChatMessage", {"chat_id": chat_id, "message_id": message_id})

    def delete_message(self, *, chat_id: int, message_id: int) -> None:
        """Take back a message of our own that is younger than 48 hours."""
        self._call("deleteMessage", {"chat_id": chat_id, "message_id": message_id})

    def answer_callback_query(self, *, callback_query_id: str, text: str) -> None:
        """End the spinner of a pressed button, with up to 200 characters of answer."""
        self._call(
            "answerCallbackQuery", {"callback_query_id": callback_query_id, "text": text[:200]}
        )

    def _call(self, method: str, parameters: dict[str, Any], upload: Upload | None = None) -> Any:
        if not connection.in_atomic_block:
            # Telegram may take its time, and others need the database meanwhile.
            connection.close()
        started = perf_counter()
        outcome = "ok"
        try:
            return self._exchange(method, parameters, upload)
        except TelegramError as error:
            error.bot_id = self._bot_id
            error.chat_id = parameters.get("chat_id")
            error.thread_id = parameters.get("message_thread_id")
            outcome = type(error).__name__
            metrics.CALL_FAULTS.labels(outcome).inc()
            if isinstance(error, FloodWait):
                metrics.RETRY_AFTER.inc(error.retry_after_seconds)
            raise
        except Exception:
            outcome = "crashed"
            raise
        finally:
            seconds = perf_counter() - started
            metrics.CALLS.labels(method, outcome).inc()
            metrics.CALL_SECONDS.labels(method).observe(seconds)
            logger.info(
                "telegram_call", method=method, outcome=outcome, ms=round(seconds * 1000, 1)
            )

    def _exchange(self, method: str, parameters: dict[str, Any], upload: Upload | None) -> Any:
        # The address contains the token: errors of the HTTP library must not travel on with it.
        body: bytes | Iterator[bytes]
        timeout_seconds = self._timeout_seconds
        if upload is None:
            body, headers = msgspec.json.encode(parameters), {"Content-Type": "application/json"}
        else:
            body, headers = multipart.form(parameters, upload)
            timeout_seconds += UPLOAD_TIMEOUT_SECONDS
        try:
            response = _connections().request(
                "POST",
                f"{self._base}/{method}",
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(
                    connect=min(CONNECT_TIMEOUT_SECONDS, self._timeout_seconds / 2),
                    read=timeout_seconds,
                ),
                redirect=False,
            )
        except (http_errors.ConnectTimeoutError, http_errors.NewConnectionError):
            raise ServerTrouble("no connection") from None
        except http_errors.TimeoutError:
            raise OutcomeUnknown("no answer in time") from None
        except http_errors.HTTPError:
            raise OutcomeUnknown("the connection broke") from None
        try:
            answer = response.json()
        except ValueError:
            # Not by the Bot API itself: whatever stands before it cannot tell what has happened.
            raise OutcomeUnknown(f"HTTP {response.status} without JSON") from None
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            raise error_from(response.status, answer if isinstance(answer, dict) else {})
        return answer["result"]


def _place(
    chat_id: int, thread_id: int | None, keyboard: Keyboard | None, *, is_silent: bool
) -> dict[str, Any]:
    """The parameters of a post, whatever is posted."""
    parameters: dict[str, Any] = {"chat_id": chat_id, "disable_notification": is_silent}
    if thread_id is not None:
        parameters["message_thread_id"] = thread_id
    if keyboard:
        parameters["reply_markup"] = {
            "inline_keyboard": [
                [{"text": label, "callback_data": data} for label, data in row] for row in keyboard
            ]
        }
    return parameters


def _entities(**units_of_type: Sequence[range]) -> list[dict[str, Any]]:
    return [
        {"type": kind, "offset": units.start, "length": len(units)}
        for kind, ranges in units_of_type.items()
        for units in ranges
    ]


def _posted(result: dict[str, Any]) -> PostedMessage:
    thread = result.get("message_thread_id") if result.get("is_topic_message") else None
    return PostedMessage(message_id=result["message_id"], thread_id=thread)
