"""Settings of webhook delivery, and what is noted of each attempt."""

from __future__ import annotations

from msgspec import Struct, field


class DeliveryRules(Struct):
    """Settings of webhook delivery, most of them for making trouble on purpose."""

    delay_scale: float = 1.0
    """Factor on every wait between retries: 0.01 turns 2, 4, 8 s into 20, 40, 80 ms."""
    timeout_seconds: float = 60.0
    held_kinds: set[str] = field(default_factory=set)
    """Kinds of update that are not delivered for now; `*` holds all."""
    extra_copies: int = 0
    """Each update is delivered this many times more."""
    copies_at_once: bool = False
    """Copies go out at the same time instead of one after another."""
    lose_answers: int = 0
    """So many successful answers get lost on the way: the update comes again."""


class Attempt(Struct):
    """One POST to a webhook and its outcome."""

    bot_id: int
    update_id: int
    kind: str
    at: float
    status: int
    error: str
    took_ms: float
