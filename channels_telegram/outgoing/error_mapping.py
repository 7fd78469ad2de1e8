"""What Telegram's errors mean for the outbox."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from channels_telegram import services, watching
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
from channels_telegram.channels import OUTBOX_PREFIX
from outbox.errors import ChannelOnHold, DeliveryError
from outbox.kinds import AfterDelivery, Handler, Kind, PayloadT
from outbox.models import OutboxItem


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
        raise _hold_the_group(outbox_channel, error) from error
    except OutcomeUnknown as error:
        raise DeliveryError(str(error), is_ambiguous=True) from error
    except (ServerTrouble, TopicGone) as error:
        # A topic that is gone was replaced already: somebody deletes them as they come.
        raise DeliveryError(str(error)) from error
    except GroupMoved as error:
        services.adopt_moved_group(tenant_id=tenant_id, error=error)
        raise DeliveryError(str(error), retry_after_seconds=0) from error
    except (NeedsAttention, TopicClosed) as error:
        watching.note_refusal(tenant_id, error)
        raise _wait_for_a_person(outbox_channel, error) from error
    except TelegramError as error:
        raise DeliveryError(str(error), permanent=True) from error


def no_channel() -> ChannelOnHold:
    """There is nowhere to send to, until somebody configures a channel."""
    reason = "No Telegram channel is configured. Messages wait until there is one."
    return ChannelOnHold("no channel", until=timezone.now() + timedelta(minutes=5), reason=reason)


def _wait_for_a_person(outbox_channel: str, error: NeedsAttention | TopicClosed) -> DeliveryError:
    advice = error.advice if isinstance(error, NeedsAttention) else RightsMissing.advice
    said = str(error).rstrip(". ")
    reason = f"{said}. {advice}" if said else advice
    if not _is_of_the_group(outbox_channel):
        return DeliveryError(reason)
    until = timezone.now() + timedelta(seconds=settings.TELEGRAM_PROBE_SECONDS)
    return ChannelOnHold(str(error), until=until, reason=reason, counts_as_attempt=True)


def _is_of_the_group(outbox_channel: str) -> bool:
    return outbox_channel.startswith(OUTBOX_PREFIX)


def _hold_the_group(outbox_channel: str, error: FloodWait) -> DeliveryError:
    """Every call to the group waits, not just this one; an item that makes none waits alone."""
    if not _is_of_the_group(outbox_channel):
        return DeliveryError(str(error), retry_after_seconds=error.retry_after_seconds)
    until = timezone.now() + timedelta(seconds=error.retry_after_seconds)
    return ChannelOnHold(str(error), until=until, counts_as_attempt=True)
