"""Asking Telegram whether a channel is set up as it must be, without changing anything there.

Only TELEGRAM_API_URL is ever called, with the channel's own token: nothing that a tenant enters
becomes part of a host name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from channels_telegram import services, watching
from channels_telegram.api_errors import (
    ChatLost,
    FloodWait,
    GroupMoved,
    NeedsAttention,
    NotAForum,
    OutcomeUnknown,
    ServerTrouble,
    TelegramError,
    WebhookRefused,
)
from channels_telegram.bot_api import BotApi
from channels_telegram.channels import DecryptedChannel
from channels_telegram.standing import Standing

# With half of it again for connecting, the four calls take twelve seconds together at the most; an
# unreachable Telegram ends them at the first one.
TIMEOUT_SECONDS = 2.0

_UNREACHABLE = "Telegram could not be reached. Try again in a moment."
_NO_WEBHOOK = "Telegram does not deliver to us. POST /v2/admin/channels/telegram/webhook mends it."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so. `advice` says what to do where it is not.

    `ok` is None where Telegram asks us to wait: busy is not broken.
    """

    name: str
    ok: bool | None
    advice: str | None = None


NAMES = ("token", "group", "topics", "rights", "deleting", "webhook")


def verify(channel: DecryptedChannel) -> list[Check]:
    """Every check, in the order of NAMES; what could not be found out counts as not in order.

    What Telegram says about the bot and the group is kept as the channel's state. A group that was
    upgraded meanwhile is adopted, and checked under its new id.
    """
    try:
        return _verify(channel)
    except GroupMoved as error:
        services.adopt_moved_group(tenant_id=channel.tenant_id, error=error)
        return _verify(replace(channel, chat_id=error.new_chat_id))


def _verify(channel: DecryptedChannel) -> list[Check]:
    api = BotApi(channel.bot_token, timeout_seconds=TIMEOUT_SECONDS)
    done: list[Check] = []
    advice = _UNREACHABLE
    ok: bool | None = False
    try:
        for check in _checks(api, channel):
            done.append(check)
    except GroupMoved:
        raise
    except TelegramError as error:
        advice = explain(error)
        ok = None if isinstance(error, FloodWait) else False
    # What failed says why, and what depends on it says the same.
    return [*done, *(Check(name, ok, advice) for name in NAMES[len(done) :])]


def explain(error: TelegramError) -> str:
    """For the people whose bot and group it is: what happened, and what to do."""
    if isinstance(error, ServerTrouble | OutcomeUnknown):
        return _UNREACHABLE
    if isinstance(error, FloodWait):
        return f"Telegram is busy with this bot. Ask again in {error.retry_after_seconds} seconds."
    if isinstance(error, NeedsAttention):
        return error.advice
    return error.description or "Telegram refuses, and does not say why."


def _checks(api: BotApi, channel: DecryptedChannel) -> Iterator[Check]:
    before = watching.moment(channel)
    bot = watching.ask_bot(channel, api)
    yield Check("token", True)
    try:
        chat = api.get_chat(chat_id=channel.chat_id)
        yield _check("group", chat.get("type") == "supergroup", "Use the id of a supergroup.")
        has_topics = bool(chat.get("is_forum"))
        yield _check("topics", has_topics, NotAForum.advice)
        member = api.get_chat_member(chat_id=channel.chat_id, user_id=bot.id)
    except ChatLost as error:
        watching.keep(channel, before, watching.gone(error, hears_all=bot.hears_all))
        raise
    standing = Standing(hears_all=bot.hears_all, has_topics=has_topics).with_member(member)
    watching.keep(channel, before, standing)
    yield Check("rights", standing.rights_problem is None, standing.rights_problem)
    yield Check("deleting", standing.deleting_problem is None, standing.deleting_problem)
    hook = api.get_webhook_info()
    is_ours = hook.get("url") == channel.webhook_url
    trouble = hook.get("last_error_message") if hook.get("pending_update_count") else None
    if is_ours and trouble:
        yield Check("webhook", False, f"Telegram says: {trouble}. {WebhookRefused.advice}")
    else:
        yield _check("webhook", is_ours, _NO_WEBHOOK)


def _check(name: str, ok: bool, advice: str) -> Check:
    return Check(name, ok, None if ok else advice)
