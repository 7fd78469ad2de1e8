"""A bot that cannot post gives what waits for it to the others; the first one, its seat.

Topics are the group's: another bot posts in the same ones. What the former bot has posted stays as
it is; its buttons answer to nobody once it is gone, so the next post comes after new ones.
"""

from uuid import UUID

import structlog
from django.utils import timezone

from channels_telegram import channels, pool
from channels_telegram.channels import can_serve, outbox_channel
from channels_telegram.models import TelegramChannel, Topic
from channels_telegram.outgoing import effects
from channels_telegram.standing import Standing
from outbox import selectors as outbox_selectors
from outbox import services as outbox
from tenants import audit, configuration
from tenants.crypto import sealing
from tenants.models import Tenant

logger = structlog.get_logger(__name__)

# All that is a bot's, and not its seat's.
_OF_BOT = (
    *("bot_id", "bot_username", "bot_token_sealed", "bot_token_hash"),
    *("webhook_secret_sealed", "webhook_secret_hash", "header_secret_sealed", "webhook_origin"),
    *("is_token_refused", "bot_status", "missing_rights", "may_write", "hears_all", "has_topics"),
    *("standing_date", "standing_update_id", "standing_checked_at"),
)


def hand_over(*, tenant: Tenant, row_id: UUID, bot_id: int) -> bool:
    """Let the other bots post what waits for this one; False when none can.

    The first bot's seat goes to another one as well, where the first cannot serve at all. Done
    already where the row has another bot meanwhile.
    """
    if len(channels.list_bots(tenant=tenant)) < 2:
        return False
    rows = list(channels.bot_rows(tenant))
    if rows[0].pk == row_id and not _can_serve(rows[0], rows):
        # The first one's lock before the others', as everywhere.
        rows = list(channels.bot_rows(tenant).select_for_update(no_key=True))
    giving = next((row for row in rows if row.pk == row_id), None)
    if giving is not None and giving.bot_id != bot_id:
        return True
    able = _able(tenant, rows)
    if giving is None or not [row for row in able if row is not giving]:
        return False
    if giving is rows[0] and not _can_serve(giving, rows):
        successor = next(row for row in able if row is not giving)
        _swap(tenant, first=giving, other=successor)
        # The rows have changed bots: what has waited for the lost one is spread over all who can.
        able = [giving, *(row for row in able if row is not successor)]
        taking = [outbox_channel(row.pk) for row in able]
        outbox.spread(tenant=tenant, old=outbox_channel(giving.pk), new=taking)
        outbox.spread(tenant=tenant, old=outbox_channel(successor.pk), new=taking[:1])
    else:
        taking = [outbox_channel(row.pk) for row in able if row is not giving]
        outbox.spread(tenant=tenant, old=outbox_channel(giving.pk), new=taking)
    logger.warning("telegram_bot_handed_over", bot_id=bot_id, to=len(taking))
    return True


def _able(tenant: Tenant, rows: list[TelegramChannel]) -> list[TelegramChannel]:
    shut = outbox_selectors.list_shut(
        tenant=tenant,
        channels=[outbox_channel(row.pk) for row in rows],
        until=timezone.now() + pool.long_block(),
    )
    return [row for row in rows if _can_serve(row, rows) and outbox_channel(row.pk) not in shut]


def _can_serve(row: TelegramChannel, rows: list[TelegramChannel]) -> bool:
    return can_serve(Standing.of(row), row.is_token_refused, is_first=row is rows[0])


def _swap(tenant: Tenant, *, first: TelegramChannel, other: TelegramChannel) -> None:
    """The rows exchange their bots, with the addresses where Telegram brings them updates.

    And with their holds: what Telegram has imposed on a bot goes with it.
    """
    lost, found = ({name: getattr(row, name) for name in _OF_BOT} for row in (first, other))
    # The token and the secret are unique: they leave one row before they enter the other.
    other.bot_token_hash = ""  # nosec B105
    other.webhook_secret_hash = sealing.lookup_hash(f"none {other.pk}")
    other.save(update_fields=["bot_token_hash", "webhook_secret_hash"])
    for row, values in ((first, found), (other, lost)):
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=[*_OF_BOT, "updated_at"])
    outbox.exchange_holds(
        tenant=tenant, one=outbox_channel(other.pk), other=outbox_channel(first.pk)
    )
    # Made before there was a choice: by the bot that is lost now, whose buttons answer to nobody.
    Topic.objects.filter(tenant=tenant, bot_id=None, thread_id__isnull=False).update(
        bot_id=lost["bot_id"]
    )
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=audit.SYSTEM,
        action="telegram_channel.bot_promoted",
        object_type="telegram_channel",
        object_id=first.pk,
        changes={"bot_id": [lost["bot_id"], found["bot_id"]]},
    )
    asked = [effects.set_up(first.pk), effects.look(first.pk)]
    outbox.enqueue(tenant=tenant, effects=asked)
    logger.warning("telegram_bot_promoted", bot_id=first.bot_id)
