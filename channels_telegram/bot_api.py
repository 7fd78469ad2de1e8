"""A small typed client of the Bot API: one method per call that this product makes.

Behaviour: https://core.telegram.org/bots/api. The server waits out small flood waits by itself, so
an answer may take many seconds; there is no way to make a post idempotent.
"""

from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

import requests
import structlog
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from channels_telegram import metrics
from channels_telegram.api_errors import (
    FloodWait,
    OutcomeUnknown,
    ServerTrouble,
    TelegramError,
    error_from,
)

logger = structlog.get_logger(__name__)

CONNECT_TIMEOUT_SECONDS = 5
# What we react to; everything else stays with Telegram.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

Keyboard = list[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class BotUser:
    """Who the token belongs to."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """Where a post has landed; `thread_id` is None outside topics."""

    message_id: int
    thread_id: int | None


@lru_cache(maxsize=1)
def _session() -> requests.Session:
    """One pool of kept-alive connections for all threads of the process."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=settings.OUTBOX_SENDERS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # Reading proxies and .netrc from the environment costs more than the rest of a call.
    session.trust_env = False
    return session


class BotApi:
    """The calls of one bot. Every method raises a TelegramError when Telegram does not comply."""

    def __init__(self, token: str, *, patience_seconds: float | None = None) -> None:
        """`patience_seconds` for an answer, by default TELEGRAM_READ_TIMEOUT_SEC.

        Opening a connection may take half of it on top, and CONNECT_TIMEOUT_SECONDS at the most.
        """
        self._base = f"{settings.TELEGRAM_API_URL}/bot{token}"
        self._patience = patience_seconds or settings.TELEGRAM_READ_TIMEOUT_SECONDS

    def __repr__(self) -> str:
        return "BotApi(…)"

    def get_me(self) -> BotUser:
        """The bot itself."""
        result = self._call("getMe", {})
        return BotUser(id=result["id"], username=result.get("username", ""))

    def set_webhook(self, *, url: str, secret_token: str) -> None:
        """Receive updates at `url`, signed with the header secret."""
        parameters: dict[str, Any] = {"url": url, "allowed_updates": list(ALLOWED_UPDATES)}
        if secret_token:
            parameters["secret_token"] = secret_token
        self._call("setWebhook", parameters)

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

    def get_chat_member(self, *, chat_id: int, user_id: int) -> dict[str, Any]:
        """Somebody's `status` in the group and, for an admin, each right as `can_…`."""
        found: dict[str, Any] = self._call(
            "getChatMember", {"chat_id": chat_id, "user_id": user_id}
        )
        return found

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
        bold_units: int = 0,
        keyboard: Keyboard | None = None,
        is_silent: bool = True,
    ) -> PostedMessage:
        """Post plain text of 1 to 4096 UTF-16 units, the first `bold_units` of them in bold.

        `keyboard` holds rows of (label, callback data) buttons.
        """
        parameters: dict[str, Any] = {
            "chat_id": chat_id,
            "text": text,
            "disable_notification": is_silent,
            "link_preview_options": {"is_disabled": True},
        }
        if thread_id is not None:
            parameters["message_thread_id"] = thread_id
        if bold_units:
            parameters["entities"] = [{"type": "bold", "offset": 0, "length": bold_units}]
        if keyboard:
            parameters["reply_markup"] = {
                "inline_keyboard": [
                    [{"text": label, "callback_data": data} for label, data in row]
                    for row in keyboard
                ]
            }
        result = self._call("sendMessage", parameters)
        thread = result.get("message_thread_id") if result.get("is_topic_message") else None
        return PostedMessage(message_id=result["message_id"], thread_id=thread)

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

    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        started = perf_counter()
        outcome = "ok"
        try:
            return self._exchange(method, parameters)
        except TelegramError as error:
            outcome = type(error).__name__
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

    def _exchange(self, method: str, parameters: dict[str, Any]) -> Any:
        # The address contains the token: errors of the HTTP library must not travel on with it.
        try:
            response = _session().post(
                f"{self._base}/{method}",
                json=parameters,
                timeout=(min(CONNECT_TIMEOUT_SECONDS, self._patience / 2), self._patience),
                allow_redirects=False,
            )
        except requests.ConnectTimeout:
            raise ServerTrouble("no connection in time") from None
        except requests.Timeout:
            raise OutcomeUnknown("no answer in time") from None
        except requests.ConnectionError as error:
            if _never_left(error):
                raise ServerTrouble("no connection") from None
            raise OutcomeUnknown("the connection broke") from None
        except requests.RequestException as error:
            raise OutcomeUnknown(type(error).__name__) from None
        try:
            answer = response.json()
        except ValueError:
            # Not by the Bot API itself: whatever stands before it cannot tell what has happened.
            raise OutcomeUnknown(f"HTTP {response.status_code} without JSON") from None
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            raise error_from(response.status_code, answer if isinstance(answer, dict) else {})
        return answer["result"]


def _never_left(error: requests.ConnectionError) -> bool:
    """Whether the connection could not be opened at all (refused, no route, no such host)."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError)
