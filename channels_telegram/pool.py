"""Which of a group's bots shows a conversation.

Telegram's budget is one for each bot and group, so a second bot doubles what a group can get. A
conversation is given to the bot with the freest budget, and stays with it: its buttons tell only
the bot that posted them. It changes its bot only when that one cannot post.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from channels_telegram.channels import DecryptedChannel, list_bots
from channels_telegram.models import Topic
from channels_telegram.outgoing import rate_limit
from outbox import selectors as outbox
from outbox import services as outbox_services
from tenants.models import Tenant

# A bot with so much before it is as busy as any.
_MAX_COUNTED = 200


def find_bot_for(
    *, tenant: Tenant, conversation_id: UUID, ordering_keys: Sequence[str]
) -> DecryptedChannel | None:
    """The channel as the bot that shows the conversation, chosen now where none does.

    The caller holds the conversation, or nobody else can know it yet. What waits under its
    ordering keys goes to the bot that is chosen.
    """
    bots = list_bots(tenant=tenant)
    if len(bots) < 2:
        return bots[0] if bots else None
    topic = Topic.objects.filter(tenant=tenant, conversation_id=conversation_id).first()
    present = _bot_of(topic, bots)
    able = list_able(tenant=tenant, bots=bots)
    if present in able or (present is not None and not able):
        return present
    chosen = min(able or bots[:1], key=lambda bot: _load(tenant, bot))
    # The former bot's buttons may answer to nobody, now or later.
    changes: dict[str, object] = {"bot_id": chosen.bot_id, "controls_message_id": None}
    Topic.objects.update_or_create(tenant=tenant, conversation_id=conversation_id, defaults=changes)
    if present is not None:
        # Enqueued while the queue was handed over: nothing else would take it out of there.
        outbox_services.move_ordered(
            tenant=tenant,
            ordering_keys=ordering_keys,
            old=present.outbox_channel,
            new=chosen.outbox_channel,
        )
    return chosen


def list_able(*, tenant: Tenant, bots: Sequence[DecryptedChannel]) -> list[DecryptedChannel]:
    """Those that can post, and need not be silent for long."""
    shut = outbox.list_shut(
        tenant=tenant,
        channels=[bot.outbox_channel for bot in bots],
        until=timezone.now() + long_block(),
    )
    return [bot for bot in bots if bot.can_serve and bot.outbox_channel not in shut]


def long_block() -> timedelta:
    """From when on a bot that must be silent hands over: the budget itself never lasts so long."""
    return timedelta(seconds=2 * settings.TELEGRAM_GROUP_DURATION_SECONDS)


def has_live_buttons(tenant: Tenant, bot_id: int | None, now: DecryptedChannel) -> bool:
    """Whether the buttons that this bot has posted still answer; None is from before bots shared.

    `now` is the bot that posts now.
    """
    if bot_id in (None, now.bot_id):
        return True
    return any(bot.bot_id == bot_id and bot.can_serve for bot in list_bots(tenant=tenant))


def _bot_of(topic: Topic | None, bots: Sequence[DecryptedChannel]) -> DecryptedChannel | None:
    if topic is None:
        return None
    if topic.bot_id is None:
        # Made before there was a choice.
        return bots[0] if topic.thread_id is not None else None
    return next((bot for bot in bots if bot.bot_id == topic.bot_id), None)


def _load(tenant: Tenant, bot: DecryptedChannel) -> int:
    """What the bot has spent of its budget, and what will spend it."""
    waiting = outbox.count_waiting(tenant=tenant, channel=bot.outbox_channel, at_most=_MAX_COUNTED)
    return (rate_limit.spent(bot) or 0) + waiting
