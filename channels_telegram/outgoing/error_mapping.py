"""What Telegram's errors mean for the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

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
from outbox.errors import ChannelOnHold, DeliveryError
from outbox.models import OutboxItem


@contextmanager
def telling_the_outbox(item: OutboxItem) -> Iterator[None]:
    """Translate Telegram's errors into what the outbox does about them."""
    try:
        yield
    except FloodWait as error:
        raise _hold_the_group(item, error) from error
    except OutcomeUnknown as error:
        raise DeliveryError(str(error), is_ambiguous=True) from error
    except (ServerTrouble, TopicGone) as error:
        # A topic that is gone was replaced already: somebody deletes them as they come.
        raise DeliveryError(str(error)) from error
    except GroupMoved as error:
        services.adopt_moved_group(tenant_id=item.tenant_id, error=error)
        raise DeliveryError(str(error), retry_after_seconds=0) from error
    except (NeedsAttention, TopicClosed) as error:
        watching.note_refusal(item.tenant_id, error)
        raise _wait_for_a_person(item, error) from error
    except TelegramError as error:
        raise DeliveryError(str(error), permanent=True) from error


def no_channel() -> ChannelOnHold:
    """There is nowhere to send to, until somebody configures a channel."""
    reason = "No Telegram channel is configured. Messages wait until there is one."
    return ChannelOnHold("no channel", until=timezone.now() + timedelta(minutes=5), reason=reason)


def _wait_for_a_person(item: OutboxItem, error: NeedsAttention | TopicClosed) -> DeliveryError:
    advice = error.advice if isinstance(error, NeedsAttention) else RightsMissing.advice
    said = str(error).rstrip(". ")
    reason = f"{said}. {advice}" if said else advice
    if not item.channel:
        return DeliveryError(reason)
    until = timezone.now() + timedelta(seconds=settings.TELEGRAM_PROBE_SECONDS)
    return ChannelOnHold(str(error), until=until, reason=reason, counts_as_attempt=True)


def _hold_the_group(item: OutboxItem, error: FloodWait) -> DeliveryError:
    """Every call to the group waits, not just this one; an item without a channel waits alone."""
    if not item.channel:
        return DeliveryError(str(error), retry_after_seconds=error.retry_after_seconds)
    until = timezone.now() + timedelta(seconds=error.retry_after_seconds)
    return ChannelOnHold(str(error), until=until, counts_as_attempt=True)
