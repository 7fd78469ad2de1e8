"""What Telegram's errors mean for the outbox."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from channels_telegram import handing_over, pool, services, watching
from channels_telegram.api_errors import (
    FloodWait,
    GroupMoved,
    NeedsAttention,
    OutcomeUnknown,
    RightsMissing,
    ServerTrouble,
    TelegramError,
    TopicClosed,
    TopicGone,
)
from channels_telegram.channels import OUTBOX_PREFIX, DecryptedChannel, bot_rows, list_bots
from outbox import services as outbox
from outbox.errors import ChannelOnHold, DeliveryError
from outbox.kinds import AfterDelivery, Handler, Kind, PayloadT
from outbox.models import OutboxItem
from tenants.models import Tenant
from tenants.scope import tenant_scope


def handles(kind: Kind[PayloadT]) -> Callable[[Handler[PayloadT]], Handler[PayloadT]]:
    """Let a function deliver the items of a kind; it may raise what Telegram raises."""

    def register(deliver: Handler[PayloadT]) -> Handler[PayloadT]:
        @wraps(deliver)
        def handler(item: OutboxItem, payload: PayloadT) -> AfterDelivery | None:
            with telling_the_outbox(item.tenant_id, item.channel):
                return deliver(item, payload)

        return kind.handler(handler)

    return register


@contextmanager
def telling_the_outbox(tenant_id: UUID, outbox_channel: str) -> Iterator[None]:
    """Translate Telegram's errors into what the outbox does about them."""
    try:
        yield
    except FloodWait as error:
        raise _hold_the_group(tenant_id, outbox_channel, error) from error
    except OutcomeUnknown as error:
        raise DeliveryError(str(error), is_ambiguous=True) from error
    except (ServerTrouble, TopicGone) as error:
        # A topic that is gone was replaced already: somebody deletes them as they come.
        raise DeliveryError(str(error)) from error
    except GroupMoved as error:
        services.adopt_moved_group(tenant_id=tenant_id, error=error)
        raise DeliveryError(str(error), retry_after_seconds=0) from error
    except (NeedsAttention, TopicClosed) as error:
        raise _wait_for_a_person(tenant_id, outbox_channel, error) from error
    except TelegramError as error:
        raise DeliveryError(str(error), permanent=True) from error


def no_channel() -> ChannelOnHold:
    """There is nowhere to send to, until somebody configures a channel."""
    reason = "No Telegram channel is configured. Messages wait until there is one."
    return ChannelOnHold("no channel", until=timezone.now() + timedelta(minutes=5), reason=reason)


def _wait_for_a_person(
    tenant_id: UUID, outbox_channel: str, error: NeedsAttention | TopicClosed
) -> DeliveryError:
    """The bot's queue is on hold, and goes to the others where the bot is known to be unable."""
    with tenant_scope(tenant_id) as tenant:
        bot = _blamed(tenant, error)
    if bot is not None:
        watching.note_refusal(bot, error)
    advice = error.advice if isinstance(error, NeedsAttention) else RightsMissing.advice
    said = str(error).rstrip(". ")
    reason = f"{said}. {advice}" if said else advice
    if not _is_of_the_group(outbox_channel):
        return DeliveryError(reason)
    until = timezone.now() + timedelta(seconds=settings.TELEGRAM_PROBE_SECONDS)
    hold = ChannelOnHold(str(error), until=until, reason=reason, counts_as_attempt=True)
    is_lasting = bot is not None and not bot.can_serve
    return _hold(tenant_id, outbox_channel, bot, hold, is_lasting=is_lasting)


def _is_of_the_group(outbox_channel: str) -> bool:
    return outbox_channel.startswith(OUTBOX_PREFIX)


def _hold_the_group(tenant_id: UUID, outbox_channel: str, error: FloodWait) -> DeliveryError:
    """Every call of the bot to the group waits, not just this one; an item without one, alone."""
    if not _is_of_the_group(outbox_channel):
        return DeliveryError(str(error), retry_after_seconds=error.retry_after_seconds)
    wait = timedelta(seconds=error.retry_after_seconds)
    hold = ChannelOnHold(str(error), until=timezone.now() + wait, counts_as_attempt=True)
    with tenant_scope(tenant_id) as tenant:
        bot = _blamed(tenant, error)
    return _hold(tenant_id, outbox_channel, bot, hold, is_lasting=wait > pool.long_block())


def _blamed(tenant: Tenant, error: TelegramError) -> DecryptedChannel | None:
    """The bot that has made the call, if the workspace still has it."""
    bots = list_bots(tenant=tenant)
    return next((bot for bot in bots if bot.bot_id == error.bot_id), None)


def _hold(
    tenant_id: UUID,
    outbox_channel: str,
    bot: DecryptedChannel | None,
    hold: ChannelOnHold,
    *,
    is_lasting: bool,
) -> DeliveryError:
    """Hold the queue of the bot that was refused; where it lasts, other bots take what waits.

    Meanwhile the item may have got another bot, or its queue have: then it goes on at once.
    """
    with tenant_scope(tenant_id) as tenant:
        if bot is None or len(list_bots(tenant=tenant)) == 1:
            return hold
        rows = bot_rows(tenant).select_for_update(no_key=True)
        if bot.bot_id not in [row.bot_id for row in rows if row.pk == bot.row_id]:
            # The queue is another bot's now.
            return DeliveryError(str(hold), retry_after_seconds=0)
        outbox.hold_channel(
            tenant=tenant, channel=bot.outbox_channel, until=hold.until, reason=hold.reason
        )
        is_elsewhere = bot.outbox_channel != outbox_channel
        if is_lasting and handing_over.hand_over(
            tenant=tenant, row_id=bot.row_id, bot_id=bot.bot_id
        ):
            is_elsewhere = True
    return DeliveryError(str(hold), retry_after_seconds=0) if is_elsewhere else hold
