"""Connecting a tenant with its Telegram group, and keeping the connection true."""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from channels_telegram import channels, checking, sql, watching
from channels_telegram.api_errors import GroupMoved
from channels_telegram.channels import NO_CHANNEL, TABLE, DecryptedChannel, find_channel
from channels_telegram.errors import ChannelNotFound, InvalidChannel
from channels_telegram.models import TelegramChannel, Topic
from channels_telegram.topics import former_topics
from conversations.models import Conversation
from outbox import services as outbox
from tenants import audit, configuration, quotas
from tenants.audit import Actor
from tenants.crypto import sealing
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)

_TOKEN = re.compile(r"(\d{5,16}):[A-Za-z0-9_-]{20,64}")
# In production, where a short one could be guessed.
SHORTEST_SECRET = 16
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """What an owner enters. A missing secret stays what it is, or is made up.

    `header_secret` is None where none is wanted: for an operator whose own programs call a webhook.
    """

    bot_token: str = field(repr=False)
    chat_id: int
    webhook_secret: str = field(default="", repr=False)
    header_secret: str | None = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Secrets:
    """A channel's secrets as they shall be; an empty header secret is none."""

    bot_token: str = field(repr=False)
    webhook: str = field(repr=False)
    header: str = field(repr=False)

    @classmethod
    def of(cls, config: ChannelConfig, current: DecryptedChannel | None) -> "_Secrets":
        """As entered; what is missing is the present channel's, or made up."""
        present = current.webhook_secret if current else ""
        webhook = config.webhook_secret or present or new_secret()
        if config.header_secret is None:
            return cls(config.bot_token, webhook, "")
        present = current.header_secret if current else ""
        return cls(config.bot_token, webhook, config.header_secret or present or new_secret())


def count_bots(*, tenant: Tenant) -> int:
    """How many bots the tenant has."""
    return TelegramChannel.objects.filter(tenant=tenant).count()


def configure_channel(*, tenant: Tenant, config: ChannelConfig, actor: Actor) -> TelegramChannel:
    """Use this bot in this group from now on; Telegram learns our address through the outbox.

    Entering the same values again changes nothing. What has waited for a channel goes out. Raises
    InvalidChannel, and OverLimit when the plan has no room for a bot.
    """
    bot_id = _check(config)
    current = find_channel(tenant=tenant)
    wanted = _Secrets.of(config, current)
    if current is not None and _is_same(current, wanted, config.chat_id):
        return TelegramChannel.objects.get(tenant=tenant, pk=current.id)
    locked = TelegramChannel.objects.select_for_update(no_key=True).filter(tenant=tenant)
    rows = list(locked.order_by("created_at"))
    row, helping = (rows[0] if rows else None), rows[1:]
    if any(other.bot_id == bot_id for other in helping):
        raise InvalidChannel("This bot helps in the group already. Remove it from there first.")
    is_new = row is None
    if row is None:
        quotas.require_room(tenant, Limit.BOTS, count=lambda: count_bots(tenant=tenant))
        row = TelegramChannel(tenant=tenant)
    if (row.bot_id, row.configured_chat_id) != (bot_id, config.chat_id):
        watching.forget(row)
    is_another_group = row.configured_chat_id != config.chat_id
    if is_another_group:
        row.chat_id = row.configured_chat_id = config.chat_id
    if row.bot_id != bot_id:
        row.bot_username = ""
    row.bot_id, row.is_active, row.is_token_refused = bot_id, True, False
    _keep_secrets(tenant, row, wanted)
    _save(row)
    if is_another_group:
        # After the channel's row: a topic that is being noted locks in this order, too.
        _forget_topics(tenant, row.pk)
        former_topics.forget_all(tenant=tenant)
        for other in helping:
            other.chat_id = other.configured_chat_id = config.chat_id
            watching.forget(other)
            _save(other)
            checking.request_check(tenant=tenant, channel_id=other.pk)
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="telegram_channel.created" if is_new else "telegram_channel.changed",
        object_type="telegram_channel",
        object_id=row.pk,
        changes={"bot_id": bot_id, "chat_id": config.chat_id},
    )
    outbox_channel = channels.outbox_channel(row.pk)
    outbox.move_to_channel(tenant=tenant, old=NO_CHANNEL, new=outbox_channel)
    # Nothing waits at it any more, so its reason must not be shown any more either.
    outbox.release_channel(tenant=tenant, channel=NO_CHANNEL)
    outbox.release_channel(tenant=tenant, channel=outbox_channel)
    checking.request_check(tenant=tenant, channel_id=row.pk)
    return row


def bot_id_in(token: str) -> int:
    """Whose token it is; raises InvalidChannel."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise InvalidChannel("The bot token does not look like one from BotFather: 123456:ABC…")
    return int(found.group(1))


def _check(config: ChannelConfig) -> int:
    bot_id = bot_id_in(config.bot_token)
    if config.chat_id >= 0:
        raise InvalidChannel("The group id of a supergroup is negative, such as -1001234567890.")
    for name, value in (
        ("webhook secret", config.webhook_secret),
        ("header secret", config.header_secret),
    ):
        if value and _SECRET.fullmatch(value) is None:
            raise InvalidChannel(f"The {name} may have 1 to 256 letters, digits, _ and -.")
        if value and settings.IS_PRODUCTION and len(value) < SHORTEST_SECRET:
            raise InvalidChannel(
                f"In production the {name} needs at least {SHORTEST_SECRET} characters."
            )
    return bot_id


def new_secret() -> str:
    """A secret of 256 random bits, as Telegram can carry it."""
    return secrets.token_urlsafe(32)


def _is_same(current: DecryptedChannel, wanted: _Secrets, chat_id: int) -> bool:
    pairs = (
        (current.bot_token, wanted.bot_token),
        (current.webhook_secret, wanted.webhook),
        (current.header_secret, wanted.header),
    )
    is_equal = [hmac.compare_digest(old.encode(), new.encode()) for old, new in pairs]
    return all(is_equal) and current.configured_chat_id == chat_id


def _keep_secrets(tenant: Tenant, row: TelegramChannel, wanted: _Secrets) -> None:
    row.bot_token_sealed = _seal(tenant, "bot_token", wanted.bot_token)
    row.bot_token_hash = sealing.lookup_hash(wanted.bot_token)
    row.webhook_secret_sealed = _seal(tenant, "webhook_secret", wanted.webhook)
    row.webhook_secret_hash = sealing.lookup_hash(wanted.webhook)
    header = wanted.header
    row.header_secret_sealed = _seal(tenant, "header_secret", header) if header else ""


def keep_new_secrets(tenant: Tenant, row: TelegramChannel, token: str) -> None:
    """Store a new row with its token and an address of its own; raises InvalidChannel."""
    _keep_secrets(tenant, row, _Secrets(token, new_secret(), new_secret()))
    _save(row)


def _save(row: TelegramChannel) -> None:
    """Raises InvalidChannel where another workspace has the same.

    Of the bot it is told to those who hold its token, and of a secret not whose it is.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "channel_token_and_chat_once" in str(error):
            raise InvalidChannel(
                "This bot serves this group already, in another workspace."
            ) from None
        raise InvalidChannel("Choose another webhook secret, or leave it empty.") from None


def _seal(tenant: Tenant, name: str, plaintext: str) -> str:
    return sealing.seal(tenant=tenant, table=TABLE, field=name, plaintext=plaintext)


def note_bot_username(*, channel: DecryptedChannel, username: str) -> None:
    """Remember what Telegram calls the channel's bot, unless the channel has another bot by now."""
    with tenant_scope(channel.tenant_id) as tenant:
        rows = TelegramChannel.objects.filter(
            tenant=tenant, pk=channel.row_id, bot_id=channel.bot_id
        )
        if rows.exclude(bot_username=username).update(bot_username=username):
            configuration.invalidate_configuration(tenant)


def adopt_moved_group(*, tenant_id: UUID, error: GroupMoved) -> bool:
    """A call was refused because the group was upgraded; see `adopt_new_group`."""
    assert error.chat_id is not None
    return adopt_new_group(
        tenant_id=tenant_id, old_chat_id=error.chat_id, new_chat_id=error.new_chat_id
    )


def adopt_new_group(*, tenant_id: UUID, old_chat_id: int, new_chat_id: int) -> bool:
    """The group was upgraded: it has a new id, and topics have to be made anew there.

    Many learn it at the same time, some of them late. The one who finds the old id in the channel
    changes it and forgets the topics; for the others nothing happens, and it returns False.
    """
    with tenant_scope(tenant_id) as tenant:
        bots = channels.bot_rows(tenant).filter(chat_id=old_chat_id)
        rows = list(bots.select_for_update(no_key=True))
        if not rows or old_chat_id == new_chat_id:
            return False
        for bot in rows:
            bot.chat_id = new_chat_id
            watching.forget(bot)
            bot.save(update_fields=["chat_id", *watching.FIELDS])
            watching.request_look(tenant=tenant, channel_id=bot.pk)
        row = rows[0]
        sql.keep_former_topics(tenant_id=tenant_id, channel_id=row.pk, chat_id=old_chat_id)
        _forget_topics(tenant, row.pk)
        configuration.invalidate_configuration(tenant)
        audit.record(
            tenant=tenant,
            actor=audit.SYSTEM,
            action="telegram_channel.group_moved",
            object_type="telegram_channel",
            object_id=row.pk,
            changes={"chat_id": [old_chat_id, new_chat_id]},
        )
    logger.warning("telegram_group_moved")
    return True


def rotate_secrets(*, tenant: Tenant, actor: Actor) -> None:
    """For each bot another webhook address and header secret; Telegram learns them by the outbox.

    What Telegram still brings to the old address is refused, and Telegram brings it again to the
    new one: nothing is lost. Raises ChannelNotFound.
    """
    rows = list(channels.bot_rows(tenant).select_for_update())
    if not rows:
        raise ChannelNotFound()
    for row in rows:
        _renew_secrets(tenant, row)
        row.save()
        checking.request_check(tenant=tenant, channel_id=row.pk)
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="telegram_channel.secrets_rotated",
        object_type="telegram_channel",
        object_id=rows[0].pk,
    )


def _renew_secrets(tenant: Tenant, row: TelegramChannel) -> None:
    webhook_secret = new_secret()
    row.webhook_secret_sealed = _seal(tenant, "webhook_secret", webhook_secret)
    row.webhook_secret_hash = sealing.lookup_hash(webhook_secret)
    row.header_secret_sealed = _seal(tenant, "header_secret", new_secret())


def resume_channel(*, tenant: Tenant, actor: Actor) -> None:
    """Try again at once what has waited for a person to mend the channel."""
    channel = find_channel(tenant=tenant)
    if channel is None:
        return
    for bot in channels.list_bots(tenant=tenant):
        outbox.release_channel(tenant=tenant, channel=bot.outbox_channel)
        watching.request_look(tenant=tenant, channel_id=bot.row_id)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="telegram_channel.resumed",
        object_type="telegram_channel",
        object_id=channel.id,
    )


def _forget_topics(tenant: Tenant, channel_id: UUID) -> None:
    """Threads of the old group mean nothing in the new one."""
    Conversation.objects.filter(
        tenant=tenant, channel_id=channel_id, thread_id__isnull=False
    ).update(thread_id=None)
    Topic.objects.filter(tenant=tenant).delete()
