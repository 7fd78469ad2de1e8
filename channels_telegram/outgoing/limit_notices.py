"""One line in General when a tenant comes near a limit of its plan, and one when it is there."""

from channels_telegram import texts
from channels_telegram.outgoing import effects
from kernel import events
from outbox import services as outbox
from tenants.events import LimitReached


def register() -> None:
    """Subscribe."""
    events.subscribe(LimitReached, say_so)


def say_so(event: LimitReached) -> None:
    """Agents read it where they work; it names no price."""
    effect = effects.post_in_general(
        event.tenant,
        texts.limit_reached(event.limit, event.percent, event.used, event.allowed),
        idempotency_key=f"limit:{event.limit}:{event.period}:{event.percent}",
        is_silent=True,
    )
    outbox.enqueue(tenant=event.tenant, effects=[effect])
