"""setWebhook, deleteWebhook, getWebhookInfo, getUpdates."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from telegram_simulator.errors import bad_request, refusal, too_many_requests
from telegram_simulator.methods.registry import Call, Result, method
from telegram_simulator.records import Webhook
from telegram_simulator.schema import DeleteWebhook, GetUpdates, Nothing, SetWebhook

SECRET = re.compile(r"[A-Za-z0-9_-]*")
MAX_SECRET = 256
KNOWN_UPDATES = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "callback_query",
        "message_reaction",
        "message_reaction_count",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "inline_query",
        "poll",
        "poll_answer",
    }
)


@method("setWebhook", SetWebhook)
def set_webhook(call: Call, params: SetWebhook) -> Result:
    if not params.url:
        return _remove(call, drop_pending=params.drop_pending_updates)
    _check_url(params.url)
    if len(params.secret_token) > MAX_SECRET:
        raise refusal("secret_too_long")
    if not SECRET.fullmatch(params.secret_token):
        raise refusal("secret_characters")
    _check_pause(call)
    before = call.bot.webhook
    call.bot.webhook = Webhook(
        url=params.url,
        secret_token=params.secret_token,
        max_connections=min(max(params.max_connections, 1), 100),
        allowed_updates=_allowed(params.allowed_updates, before.allowed_updates),
    )
    call.sim.store.put(call.bot)
    call.sim.delivery.webhook_changed(call.bot, drop_pending=params.drop_pending_updates)
    return True


@method("deleteWebhook", DeleteWebhook)
def delete_webhook(call: Call, params: DeleteWebhook) -> Result:
    return _remove(call, drop_pending=params.drop_pending_updates)


@method("getWebhookInfo", Nothing)
def get_webhook_info(call: Call, params: Nothing) -> Result:
    hook = call.bot.webhook
    shown: Result = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(call.sim.delivery.pending(call.bot.id)),
    }
    if hook.url:
        shown["max_connections"] = hook.max_connections
        shown["ip_address"] = "127.0.0.1"
    if hook.last_error_date:
        shown["last_error_date"] = hook.last_error_date
        shown["last_error_message"] = hook.last_error_message
    if hook.allowed_updates:
        shown["allowed_updates"] = hook.allowed_updates
    return shown


@method("getUpdates", GetUpdates)
async def get_updates(call: Call, params: GetUpdates) -> Result:
    """Long polling, for local tools; refused while a webhook is set."""
    sim, bot = call.sim, call.bot
    if bot.webhook.url:
        raise refusal("webhook_active")
    bot.webhook.allowed_updates = _allowed(params.allowed_updates, bot.webhook.allowed_updates)
    if params.offset:
        sim.delivery.confirm_below(bot.id, params.offset)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + min(max(params.timeout, 0), 50)
    limit = min(max(params.limit, 1), 100)
    while True:
        seen = sim.changes.seq
        if waiting := sim.delivery.pending(bot.id)[:limit]:
            return [msgspec.Raw(update.body.encode()) for update in waiting]
        left = deadline - loop.time()
        if left <= 0 or not await sim.changes.wait(seen, left):
            return []
        if bot.webhook.url:
            raise refusal("ended_by_webhook")


def _remove(call: Call, *, drop_pending: bool) -> Result:
    call.bot.webhook = Webhook(allowed_updates=call.bot.webhook.allowed_updates)
    call.sim.store.put(call.bot)
    call.sim.delivery.webhook_changed(call.bot, drop_pending=drop_pending)
    return True


def _check_url(url: str) -> None:
    """Plain HTTP and loopback are welcome here, against Telegram's rules: tests need them."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise refusal("webhook_url_invalid") from error
    if not is_usable:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")


def _check_pause(call: Call) -> None:
    pause = call.sim.server_options.webhook_pause_seconds
    if not pause:
        return
    now = call.sim.clock.now()
    if any(
        other.bot_id == call.bot.id
        and other.method == "setWebhook"
        and other.seq != call.log.seq
        and now - other.at < pause
        for other in call.sim.calls.since(call.log.seq - 200)
    ):
        raise too_many_requests(1)


def _allowed(given: list[str] | msgspec.UnsetType, before: list[str] | None) -> list[str] | None:
    """Absent keeps what was set, an empty list restores the default, unknown names go."""
    if given is UNSET:
        return before
    return [name for name in given if name in KNOWN_UPDATES] or None
