"""Which code delivers which kind of effect. The worker knows kinds, not Telegram."""

from collections.abc import Callable
from dataclasses import dataclass

from outbox.models import OutboxItem

AfterDelivery = Callable[[], None]
Handler = Callable[[OutboxItem], AfterDelivery | None]


@dataclass(frozen=True, slots=True)
class Registered:
    """A handler under its kind."""

    kind: str
    deliver: Handler


_handlers: dict[str, Registered] = {}


def register(kind: str, deliver: Handler) -> None:
    """Let `deliver` deliver effects of this kind.

    It runs without a scope or transaction and may take its time. It raises DeliveryError on
    failure, and may return a function that records what came of it: that one runs in the tenant's
    scope, in the transaction that marks the item as done. It can run again for the same item after
    a crash, so it must be repeatable.
    """
    if kind in _handlers and _handlers[kind].deliver is not deliver:
        raise ValueError(f"outbox kind {kind!r} has a handler already")
    _handlers[kind] = Registered(kind, deliver)


def known_kinds() -> list[str]:
    """Every kind that has a handler here."""
    return list(_handlers)


def find_handler(kind: str) -> Registered | None:
    """The handler of this kind, or None when no installed app knows it."""
    return _handlers.get(kind)
