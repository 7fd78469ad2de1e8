"""Keeping the bot's standing in its group true: from what Telegram tells, and by asking.

Telegram tells of every change of the membership at once; of topics that are switched off, and of
privacy mode, it tells only who asks. So each sign that something else is true than what is stored
leads to a question. Whatever comes of it moves the channel's state, and its hold with it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from channels_telegram import channels, handing_over, metrics
from channels_telegram.api_errors import (
    ChatLost,
    NotAForum,
    RightsMissing,
    TelegramError,
    TokenRevoked,
)
from channels_telegram.bot_api import BotApi, BotUser
from channels_telegram.channels import DecryptedChannel, find_bot, find_channel
from channels_telegram.models import TelegramChannel
from channels_telegram.outgoing import effects, kinds
from channels_telegram.standing import Standing
from channels_telegram.updates import ChatMemberUpdated
from outbox import services as outbox
from tenants import audit, configuration
from tenants.models import Tenant
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Moment:
    """The newest update about the standing that was known before Telegram was asked."""

    date: int
    update_id: int


def hear(
    *, tenant: Tenant, channel: DecryptedChannel, update_id: int, change: ChatMemberUpdated
) -> None:
    """Telegram tells what the bot is in the group from now on; what is older changes nothing."""
    row = _find_same(tenant, channel)
    if row is None or (change.date, update_id) <= (row.standing_date, row.standing_update_id):
        logger.info("standing_outdated", update_id=update_id)
        return
    row.standing_date, row.standing_update_id = change.date, update_id
    new = Standing.of(row).with_member(change.new_chat_member)
    _store(tenant, row, new, is_news=True)
    if not new.is_gone:
        # Who was added again may hear all now, and the group may have got topics.
        request_look(tenant=tenant, channel_id=channel.row_id)


def request_look(*, tenant: Tenant, channel_id: UUID) -> None:
    """Have Telegram asked in a moment, unless that is about to happen."""
    key = effects.look_key(channel_id)
    if not outbox.has_waiting(tenant=tenant, kind=kinds.LOOK.name, ordering_key=key):
        outbox.enqueue(tenant=tenant, effects=[effects.look(channel_id)])


def note_sight(*, tenant: Tenant, channel: DecryptedChannel, has_topics: bool) -> None:
    """A message shows whether the group has topics; ask where something else is known."""
    if (channel.standing.has_topics is not False) is not has_topics:
        request_look(tenant=tenant, channel_id=channel.row_id)


def note_success(channel: DecryptedChannel, *, of: str) -> None:
    """A `post` or a new `topic` was accepted; ask where that should not have been possible.

    A database that cannot take the question is logged and no more: an accepted post that counts as
    failed is posted again. The next one asks.
    """
    standing = channel.standing
    if standing.is_held if of == "post" else not standing.may_manage_topics:
        try:
            with tenant_scope(channel.tenant_id) as tenant:
                request_look(tenant=tenant, channel_id=channel.row_id)
        except DatabaseError:
            logger.warning("standing_not_asked", accepted=of, exc_info=True)


def note_refusal(channel: DecryptedChannel, error: TelegramError) -> None:
    """Telegram has refused a call of this bot; ask where nothing that is known explains it."""
    if not _explains(channel.standing, error):
        with tenant_scope(channel.tenant_id) as tenant:
            request_look(tenant=tenant, channel_id=channel.row_id)


def _explains(standing: Standing, error: TelegramError) -> bool:
    if isinstance(error, ChatLost):
        return standing.is_gone
    if isinstance(error, NotAForum):
        return standing.has_topics is False
    if isinstance(error, RightsMissing):
        return standing.membership_problem is not None
    # The refused token may be a former one: a look asks with the present one.
    return not isinstance(error, TokenRevoked)


def note_topics(channel: DecryptedChannel, *, has_topics: bool) -> None:
    """It was found out that the group has topics, or has none any more."""
    with tenant_scope(channel.tenant_id) as tenant:
        row = _find_same(tenant, channel)
        if row is not None:
            _store(tenant, row, replace(Standing.of(row), has_topics=has_topics), is_news=False)


# --- asking ----------------------------------------------------------------------------------


def moment(channel: DecryptedChannel) -> Moment:
    """What was known last; to be taken before Telegram is asked."""
    with tenant_scope(channel.tenant_id) as tenant:
        row = TelegramChannel.objects.get(tenant=tenant, pk=channel.row_id)
        return Moment(row.standing_date, row.standing_update_id)


def ask(channel: DecryptedChannel) -> tuple[Moment, Standing]:
    """Telegram's answer, and what was known before; raises TelegramError."""
    before = moment(channel)
    api = BotApi(channel.bot_token)
    bot = ask_bot(channel, api)
    try:
        chat = api.get_chat(chat_id=channel.chat_id)
        member = api.get_chat_member(chat_id=channel.chat_id, user_id=bot.id)
    except ChatLost as error:
        return before, gone(error, hears_all=bot.hears_all)
    standing = Standing(hears_all=bot.hears_all, has_topics=bool(chat.get("is_forum")))
    return before, standing.with_member(member)


def ask_bot(channel: DecryptedChannel, api: BotApi) -> BotUser:
    """Who the channel's bot is; that Telegram refuses its token is stored before it is raised."""
    try:
        return api.get_me()
    except TokenRevoked:
        with tenant_scope(channel.tenant_id) as tenant:
            row = _find_same(tenant, channel)
            present = find_bot(tenant=tenant, row_id=channel.row_id)
            if row is not None and present is not None and present.bot_token == channel.bot_token:
                if not row.is_token_refused:
                    row.is_token_refused = True
                    row.save(update_fields=["is_token_refused"])
                    configuration.invalidate_configuration(tenant)
                handing_over.hand_over(tenant=tenant, row_id=row.pk, bot_id=row.bot_id)
        raise


def gone(error: ChatLost, *, hears_all: bool) -> Standing:
    """What the bot is where Telegram does not show it the group."""
    status = "kicked" if "kicked" in error.description else "left"
    return Standing(status=status, hears_all=hears_all)


def keep(channel: DecryptedChannel, before: Moment, standing: Standing) -> None:
    """Store what Telegram has answered, unless it has told something newer meanwhile."""
    with tenant_scope(channel.tenant_id) as tenant:
        row = _find_same(tenant, channel)
        if row is None or (row.standing_date, row.standing_update_id) != (
            before.date,
            before.update_id,
        ):
            logger.info("standing_answer_outdated")
            return
        row.standing_checked_at = timezone.now()
        if row.is_token_refused:
            row.is_token_refused = False
            configuration.invalidate_configuration(tenant)
        _store(tenant, row, standing, is_news=False)


def _find_same(tenant: Tenant, channel: DecryptedChannel) -> TelegramChannel | None:
    """The channel's row, locked; None when it has another bot or group by now.

    Locked in a way that lets other transactions refer to the channel: every update does.
    """
    rows = TelegramChannel.objects.select_for_update(no_key=True)
    return rows.filter(
        tenant=tenant, pk=channel.row_id, bot_id=channel.bot_id, chat_id=channel.chat_id
    ).first()


def forget(row: TelegramChannel) -> None:
    """Another bot or another group: nothing is known. To be saved by the caller."""
    _take_over(row, Standing())
    row.standing_date = row.standing_update_id = 0
    row.standing_checked_at = None
    row.is_token_refused = False


# --- storing ---------------------------------------------------------------------------------


def _store(tenant: Tenant, row: TelegramChannel, new: Standing, *, is_news: bool) -> None:
    """`is_news`: a person has changed something, so what was refused before is worth a try."""
    old = Standing.of(row)
    _take_over(row, new)
    # `updated_at` stays: it is the version of what people configure.
    row.save(update_fields=FIELDS)
    if new != old:
        configuration.invalidate_configuration(tenant)
        _record(tenant, row, old, new)
    if new != old or is_news:
        _hold_or_release(tenant, row, new)
    # At the end: the row may get another bot by it.
    _tell_the_others(tenant, row, new)


def _hold_or_release(tenant: Tenant, row: TelegramChannel, new: Standing) -> None:
    outbox_channel = channels.outbox_channel(row.pk)
    if new.is_held:
        until = timezone.now() + timedelta(seconds=settings.TELEGRAM_PROBE_SECONDS)
        outbox.hold_channel(
            tenant=tenant, channel=outbox_channel, until=until, reason=new.problem or ""
        )
    else:
        outbox.release_troubled_channel(tenant=tenant, channel=outbox_channel)


def _tell_the_others(tenant: Tenant, row: TelegramChannel, standing: Standing) -> None:
    """A bot that cannot serve gives its work away; one that can may free the first of it."""
    if not standing.may_serve:
        handing_over.hand_over(tenant=tenant, row_id=row.pk, bot_id=row.bot_id)
        return
    first = find_channel(tenant=tenant)
    if first is not None and row.pk != first.id and not first.can_serve:
        request_look(tenant=tenant, channel_id=first.id)


FIELDS = [
    "bot_status",
    "missing_rights",
    "may_write",
    "hears_all",
    "has_topics",
    "standing_date",
    "standing_update_id",
    "standing_checked_at",
    "is_token_refused",
]


def _take_over(row: TelegramChannel, standing: Standing) -> None:
    row.bot_status = standing.status
    row.missing_rights = list(standing.missing)
    row.may_write = standing.may_write
    row.hears_all = standing.hears_all
    row.has_topics = standing.has_topics


def _record(tenant: Tenant, row: TelegramChannel, old: Standing, new: Standing) -> None:
    metrics.STANDING_CHANGES.labels("problem" if new.problem else "well").inc()
    log = logger.warning if new.problem else logger.info
    log("telegram_standing_changed", status=new.status, problem=new.problem)
    if not old.status and not new.problem:
        # As it should be, and seen for the first time.
        return
    names = ("status", "missing", "may_write", "hears_all", "has_topics")
    audit.record(
        tenant=tenant,
        actor=audit.SYSTEM,
        action="telegram_channel.standing_changed",
        object_type="telegram_channel",
        object_id=row.pk,
        changes={
            name: [getattr(old, name), getattr(new, name)]
            for name in names
            if getattr(old, name) != getattr(new, name)
        },
    )
