"""The budget of one bot in one group, shared by all workers.

Telegram allows about 20 posts a minute in a group, all topics together, and lengthens its penalties
for those who do not wait. So calls are counted here first, in a sliding window in Redis. The first
half of the budget is there for all who come; the second half leaves at an even pace, so that what
is urgent goes next, and a sudden burst shuts the group for half a minute and not for a whole one.
While Redis is away each process counts for itself; what Telegram itself imposes is kept durably in
the outbox's holds.
"""

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from channels_telegram.bot_api import BotApi
from channels_telegram.channels import DecryptedChannel
from outbox.errors import ChannelOnHold
from tenants.rate_windows import SlidingWindows, Window
from tenants.redis_client import key

# Telegram counts when a call arrives, we count when it leaves: a call that took long on its way is
# still in Telegram's window when it has left ours.
_MARGIN_SECONDS = 1

_windows = SlidingWindows("telegram_budget")


def spend(channel: DecryptedChannel, *, goes_on: bool = False) -> None:
    """Count one call to the channel's group; raises ChannelOnHold when the budget is spent.

    `goes_on`: the call ends what one before it in the same attempt has begun. It keeps no pace, or
    the next attempt would begin with that one again, and so on.
    """
    window = _window_of(channel)
    refusal = _windows.take(replace(window, even_from=0) if goes_on else window)
    if refusal is not None:
        raise ChannelOnHold(
            "the group's budget is spent",
            until=timezone.now() + timedelta(milliseconds=refusal.milliseconds),
        )


def take_call(
    channel: DecryptedChannel, *, timeout_seconds: float | None = None, goes_on: bool = False
) -> BotApi:
    """The bot, for one call to the channel's group, which is counted; raises as `spend` does."""
    spend(channel, goes_on=goes_on)
    return BotApi(channel.bot_token, timeout_seconds=timeout_seconds)


def spent(channel: DecryptedChannel) -> int | None:
    """How many calls of the group's budget are spent in the window; None while Redis is away."""
    return _windows.used(_window_of(channel))


def is_short(channel: DecryptedChannel) -> bool:
    """Whether half of the group's budget is spent; False while Redis is away."""
    used = spent(channel)
    return used is not None and used >= _half()


def _half() -> int:
    return max(1, -(-settings.TELEGRAM_GROUP_POINTS // 2))


def _window_of(channel: DecryptedChannel) -> Window:
    # By the channel, not by its bot alone, which a channel with a wrong token can name, too.
    return Window(
        key("telegram-budget", channel.id, channel.bot_id, channel.chat_id),
        settings.TELEGRAM_GROUP_POINTS,
        (settings.TELEGRAM_GROUP_DURATION_SECONDS + _MARGIN_SECONDS) * 1000,
        even_from=_half(),
    )
