"""Topics that health checks make: known by their titles, so that none of them stays.

Whoever makes one removes it at once. Should they not get there, or never learn that Telegram has
made it, an outbox item does: written by them, or when Telegram tells of the topic. It is one item.
"""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from channels_telegram.channels import TopicId
from channels_telegram.outgoing import effects, kinds
from outbox import services as outbox
from tenants.models import Tenant

NAME = "Health check"
# No customer can be called so: after their name there is always a codename.
_TITLE = re.compile(rf"{NAME} ([0-9a-f]{{32}})")
# Longer than the one who made it takes to remove it.
_GRACE = timedelta(seconds=12)


def title_of(trial_id: UUID) -> str:
    """What the topic of this trial is called."""
    return f"{NAME} {trial_id.hex}"


def trial_in(title: str) -> UUID | None:
    """Which trial's topic is called so; None for any other topic."""
    found = _TITLE.fullmatch(title)
    return None if found is None else UUID(found[1])


def enqueue_removal(*, tenant: Tenant, trial_id: UUID, topic: TopicId) -> None:
    """Have the topic removed in a while, unless that was asked for, or done, before."""
    removal = effects.delete_topic(tenant, trial_id, topic)
    later = replace(removal, not_before=timezone.now() + _GRACE)
    outbox.enqueue(tenant=tenant, effects=[later])


def drop_removal(*, tenant: Tenant, topic: TopicId) -> None:
    """The topic has been removed. The item stays on record, so that it is not enqueued again."""
    outbox.discard_waiting(
        tenant=tenant,
        kind=kinds.DELETE_TOPIC.name,
        about={"chat_id": [topic.chat_id], "thread_id": [topic.thread_id]},
    )
