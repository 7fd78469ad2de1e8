"""A tenant's channel and its bots, opened: what code needs in order to talk to its group."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from channels_telegram.models import TelegramChannel
from channels_telegram.standing import Standing
from tenants import configuration
from tenants.crypto import sealing
from tenants.models import Tenant
from tenants.scope import platform_scope

TABLE = "telegram_channel"
OUTBOX_PREFIX = "telegram:"
FILES_PREFIX = "telegram-files:"
NO_CHANNEL = f"{OUTBOX_PREFIX}none"

# Secret hash → tenant. A hint only: the tenant's own configuration decides.
_tenants_by_secret: dict[str, UUID] = {}


@dataclass(frozen=True, slots=True)
class TopicId:
    """A topic of a group: Telegram numbers topics by group, and a channel's group may change."""

    channel_id: UUID
    chat_id: int
    thread_id: int

    @property
    def name(self) -> str:
        """How conversations write its number."""
        return str(self.thread_id)


@dataclass(frozen=True, slots=True)
class DecryptedChannel:
    """The channel as one of its bots, with secrets in the clear; never log or store one."""

    # By which conversations and topics know the group: the row of its first bot.
    id: UUID
    # This bot's own.
    row_id: UUID
    tenant_id: UUID
    bot_id: int
    # Empty until Telegram has said it.
    bot_username: str
    chat_id: int
    configured_chat_id: int
    webhook_secret_hash: str
    created_at: datetime
    # What Telegram has said of the bot and the group; without a word all is taken to be well.
    standing: Standing
    is_token_refused: bool
    bot_token: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    header_secret: str = field(repr=False)

    @property
    def outbox_channel(self) -> str:
        """The outbox's channel for this bot in this group."""
        return outbox_channel(self.row_id)

    @property
    def is_first(self) -> bool:
        """Whether this is the bot by whose row conversations know the group."""
        return self.id == self.row_id

    @property
    def can_serve(self) -> bool:
        """Whether conversations can be shown by this bot, as far as is known."""
        return can_serve(self.standing, self.is_token_refused, is_first=self.is_first)

    @property
    def webhook_url(self) -> str:
        """Where Telegram delivers to; a secret itself."""
        return f"{webhook_base()}{self.webhook_secret}"

    def topic(self, thread_id: int) -> TopicId:
        """The topic with this number in the group."""
        return TopicId(self.id, self.chat_id, thread_id)


def can_serve(standing: Standing, is_token_refused: bool, *, is_first: bool) -> bool:
    """Whether a bot can show conversations. Of another than the first, Telegram must have said so:

    it may not have been added to the group yet.
    """
    is_known = is_first or bool(standing.status)
    return is_known and standing.may_serve and not is_token_refused


def webhook_base() -> str:
    """What all webhook addresses of this installation begin with."""
    return f"{settings.PUBLIC_ORIGIN}/v1/telegram/webhook/"


def outbox_channel(channel_id: UUID) -> str:
    """The name under which the outbox knows a channel."""
    return f"{OUTBOX_PREFIX}{channel_id}"


def files_channel(channel_id: UUID) -> str:
    """The name under which the outbox knows the fetching of a channel's files.

    Downloads are slow, and take no sender from what is short and soon pointless.
    """
    return f"{FILES_PREFIX}{channel_id}"


def list_bots(*, tenant: Tenant) -> list[DecryptedChannel]:
    """The bots of the tenant's group, the first one first.

    Secrets are unsealed once per change of configuration.
    """
    return configuration.remember(tenant, "telegram bots", lambda: _open_all(tenant))


def usernames(tenant: Tenant) -> frozenset[str]:
    """What the tenant's bots are called, in lower case, as far as Telegram has said it."""
    names = (bot.bot_username.lower() for bot in list_bots(tenant=tenant))
    return frozenset(name for name in names if name)


def find_channel(*, tenant: Tenant) -> DecryptedChannel | None:
    """The tenant's active channel, as its first bot."""
    bots = list_bots(tenant=tenant)
    return bots[0] if bots else None


def find_bot(*, tenant: Tenant, row_id: UUID) -> DecryptedChannel | None:
    """The channel as the bot of this row."""
    return next((bot for bot in list_bots(tenant=tenant) if bot.row_id == row_id), None)


def find_spender(*, tenant: Tenant, outbox_channel: str) -> DecryptedChannel | None:
    """The channel as the bot whose budget an item spends; else as the first one."""
    for bot in list_bots(tenant=tenant):
        if bot.outbox_channel == outbox_channel:
            return bot
    return find_channel(tenant=tenant)


def bot_rows(tenant: Tenant) -> QuerySet[TelegramChannel]:
    """The rows of the tenant's bots, the first one first."""
    return TelegramChannel.objects.filter(tenant=tenant, is_active=True).order_by("created_at")


def _open_all(tenant: Tenant) -> list[DecryptedChannel]:
    rows = list(bot_rows(tenant))
    return [_open(tenant, row, first=rows[0]) for row in rows]


def _open(tenant: Tenant, row: TelegramChannel, *, first: TelegramChannel) -> DecryptedChannel:
    def unseal(name: str, envelope: str) -> str:
        return sealing.unseal(tenant=tenant, table=TABLE, field=name, envelope=envelope)

    return DecryptedChannel(
        id=first.pk,
        row_id=row.pk,
        tenant_id=row.tenant_id,
        bot_id=row.bot_id,
        bot_username=row.bot_username,
        chat_id=row.chat_id,
        configured_chat_id=row.configured_chat_id,
        webhook_secret_hash=row.webhook_secret_hash,
        created_at=row.created_at,
        standing=Standing.of(row),
        is_token_refused=row.is_token_refused,
        bot_token=unseal("bot_token", row.bot_token_sealed),
        webhook_secret=unseal("webhook_secret", row.webhook_secret_sealed),
        header_secret=(
            unseal("header_secret", row.header_secret_sealed) if row.header_secret_sealed else ""
        ),
    )


def find_tenant_of_secret(secret_hash: str) -> UUID | None:
    """Whose webhook has this secret; a hint to be checked against the tenant's channel.

    Secrets of nobody are not counted by address: Telegram's addresses bring every bot's updates,
    and anybody can have one of their own bots call us.
    """
    known = _tenants_by_secret.get(secret_hash)
    if known is not None:
        return known
    with platform_scope("telegram webhook look-up"):
        tenant_id = (
            TelegramChannel.objects.filter(webhook_secret_hash=secret_hash, is_active=True)
            .values_list("tenant_id", flat=True)
            .first()
        )
    if tenant_id is not None:
        _tenants_by_secret[secret_hash] = tenant_id
    return tenant_id


def forget_secret(secret_hash: str) -> None:
    """The hint was wrong: ask the database next time."""
    _tenants_by_secret.pop(secret_hash, None)
