"""Bots that help the first one to post in a tenant's group."""

from uuid import UUID

import structlog

from channels_telegram import channels, checking, handing_over, services
from channels_telegram.api_errors import TelegramError
from channels_telegram.bot_api import BotApi
from channels_telegram.errors import BotNotFound, FirstBot, InvalidChannel, NoChannel
from channels_telegram.models import TelegramChannel
from outbox import services as outbox
from tenants import audit, configuration, quotas
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)

# Each has a budget of its own; with more, the group itself is what people cannot follow.
_MAX_BOTS = 10
# What the bot is asked to be made when an admin presses its link.
_WANTED_RIGHTS = "manage_topics+pin_messages+delete_messages"
_FORGET_SECONDS = 2.0


def add_bot(*, tenant: Tenant, token: str, actor: Actor) -> TelegramChannel:
    """Let another bot post in the tenant's group, once Telegram says that it is an admin there.

    Raises InvalidChannel, NoChannel, and OverLimit when the plan has no room for one more.
    """
    bot_id = services.bot_id_in(token)
    rows = list(channels.bot_rows(tenant).select_for_update(no_key=True))
    if not rows:
        raise NoChannel(tenant_id=tenant.pk)
    if any(row.bot_id == bot_id for row in rows):
        raise InvalidChannel("This bot is in the group's list already.")
    if len(rows) >= _MAX_BOTS:
        raise InvalidChannel(f"A group can have {_MAX_BOTS} bots. Remove one first.")
    first = rows[0]
    quotas.require_room(tenant, Limit.BOTS, count=lambda: len(rows))
    row = TelegramChannel(
        tenant=tenant,
        bot_id=bot_id,
        chat_id=first.chat_id,
        configured_chat_id=first.configured_chat_id,
    )
    services.keep_new_secrets(tenant, row, token)
    configuration.invalidate_configuration(tenant)
    _record(tenant, row, "bot_added", actor)
    checking.request_check(tenant=tenant, channel_id=row.pk)
    return row


def remove_bot(*, tenant: Tenant, row_id: UUID, actor: Actor) -> None:
    """Forget a bot; what waits for it, and its conversations, go to the others.

    Raises BotNotFound, and FirstBot for the one that hears the group.
    """
    rows = list(channels.bot_rows(tenant).select_for_update(no_key=True))
    row = next((row for row in rows if row.pk == row_id), None)
    if row is None:
        raise BotNotFound()
    if row is rows[0]:
        raise FirstBot()
    name = channels.outbox_channel(row.pk)
    if not handing_over.hand_over(tenant=tenant, row_id=row.pk, bot_id=row.bot_id):
        # None of the others can post now: what waits, waits with the first one.
        outbox.spread(tenant=tenant, old=name, new=[channels.outbox_channel(rows[0].pk)])
    outbox.release_channel(tenant=tenant, channel=name)
    row.delete()
    configuration.invalidate_configuration(tenant)
    _record(tenant, row, "bot_removed", actor)


def stop_updates(*, tenant_id: UUID, row_id: UUID) -> None:
    """Ask Telegram to bring us nothing more for a bot that is about to be removed.

    Where it does not do so, it brings for a day what is refused. Outside of any scope.
    """
    with tenant_scope(tenant_id) as tenant:
        bot = channels.find_bot(tenant=tenant, row_id=row_id)
    if bot is None:
        raise BotNotFound()
    if bot.is_first:
        raise FirstBot()
    try:
        BotApi(bot.bot_token, timeout_seconds=_FORGET_SECONDS).delete_webhook()
    except TelegramError as error:
        logger.info("webhook_left_behind", error=str(error))


def invitation(row: TelegramChannel) -> str | None:
    """The link that adds the bot to a group with its rights; None until Telegram names the bot."""
    if not row.bot_username:
        return None
    return f"https://t.me/{row.bot_username}?startgroup&admin={_WANTED_RIGHTS}"


def _record(tenant: Tenant, row: TelegramChannel, what: str, actor: Actor) -> None:
    audit.record(
        tenant=tenant,
        actor=actor,
        action=f"telegram_channel.{what}",
        object_type="telegram_channel",
        object_id=row.pk,
        changes={"bot_id": row.bot_id},
    )
