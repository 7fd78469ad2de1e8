"""Domain events inside one process and one transaction.

A service publishes what has happened; other apps have subscribed while Django was starting.
Handlers run at once, in the publisher's transaction, and only write rows: one that raises takes
the whole change back. Nothing here leaves the process; that is the outbox's work.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar, cast

from django.db import connection


class Event:
    """Base of all events. Subclasses are frozen dataclasses named in the past tense."""

    __slots__ = ()


EventType = TypeVar("EventType", bound=Event)
Handler = Callable[[Event], None]

_handlers: dict[type[Event], list[Handler]] = defaultdict(list)


def subscribe(event_type: type[EventType], handler: Callable[[EventType], None]) -> None:
    """Call `handler` for each published `event_type`; a second subscription of it is ignored."""
    handlers = _handlers[event_type]
    if handler not in handlers:
        handlers.append(cast(Handler, handler))


def publish(event: Event) -> None:
    """Run the subscribers of this event in the order in which they subscribed.

    Raises RuntimeError outside a transaction, because a reaction could then survive a rolled back
    cause, and whatever a handler raises.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type(event).__name__} was published outside a transaction")
    for handler in _handlers[type(event)]:
        handler(event)
