"""Asking Telegram whether a channel is set up as it must be, without changing anything.

Only TELEGRAM_API_URL is ever called, with the channel's own token: nothing that a tenant enters
becomes part of a host name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from channels_telegram import removal
from channels_telegram.api_errors import (
    ChatLost,
    FloodWait,
    NeedsAttention,
    NotAForum,
    OutcomeUnknown,
    RightsMissing,
    ServerTrouble,
    TelegramError,
    WebhookRefused,
)
from channels_telegram.bot_api import BotApi
from channels_telegram.channels import OpenChannel

# With half of it again for connecting, the four calls take twelve seconds together at the most; an
# unreachable Telegram ends them at the first one.
PATIENCE_SECONDS = 2.0

_UNREACHABLE = "Telegram could not be reached. Try again in a moment."
_NO_WEBHOOK = "Telegram does not deliver to us. POST /v2/admin/channels/telegram/webhook mends it."
_NEEDED_RIGHTS = ("can_manage_topics", "can_pin_messages")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so. `advice` says what to do where it is not."""

    name: str
    ok: bool
    advice: str | None = None


NAMES = ("token", "group", "topics", "rights", "deleting", "webhook")


def verify(channel: OpenChannel) -> list[Check]:
    """Every check, in the order of NAMES; what could not be found out counts as not in order."""
    api = BotApi(channel.bot_token, patience_seconds=PATIENCE_SECONDS)
    done: list[Check] = []
    advice = _UNREACHABLE
    try:
        for check in _checks(api, channel):
            done.append(check)
    except TelegramError as error:
        advice = explain(error)
    # What failed says why, and what depends on it says the same.
    return [*done, *(Check(name, False, advice) for name in NAMES[len(done) :])]


def explain(error: TelegramError) -> str:
    """For the people whose bot and group it is: what happened, and what to do."""
    if isinstance(error, ServerTrouble | OutcomeUnknown):
        return _UNREACHABLE
    if isinstance(error, FloodWait):
        return f"Telegram asks for {error.retry_after_seconds} seconds of patience."
    if isinstance(error, NeedsAttention):
        return error.advice
    return error.description or "Telegram refuses, and does not say why."


def _checks(api: BotApi, channel: OpenChannel) -> Iterator[Check]:
    bot = api.get_me()
    yield Check("token", True)
    chat = api.get_chat(chat_id=channel.chat_id)
    is_group = chat.get("type") == "supergroup"
    yield _check("group", is_group, "Use the id of a supergroup.")
    yield _check("topics", bool(chat.get("is_forum")), NotAForum.advice)
    member = api.get_chat_member(chat_id=channel.chat_id, user_id=bot.id)
    yield from _rights(member)
    hook = api.get_webhook_info()
    is_ours = hook.get("url") == channel.webhook_url
    trouble = hook.get("last_error_message") if hook.get("pending_update_count") else None
    if is_ours and trouble:
        yield Check("webhook", False, f"Telegram says: {trouble}. {WebhookRefused.advice}")
    else:
        yield _check("webhook", is_ours, _NO_WEBHOOK)


def _rights(member: dict[str, Any]) -> Iterator[Check]:
    status = member.get("status")
    if status in ("left", "kicked"):
        yield Check("rights", False, ChatLost.advice)
        yield Check("deleting", False, ChatLost.advice)
        return
    is_owner = status == "creator"
    has_rights = all(member.get(right) for right in _NEEDED_RIGHTS)
    yield _check("rights", is_owner or has_rights, RightsMissing.advice)
    yield _check("deleting", is_owner or bool(member.get("can_delete_messages")), removal.ADVICE)


def _check(name: str, ok: bool, advice: str) -> Check:
    return Check(name, ok, None if ok else advice)
