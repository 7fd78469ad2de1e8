"""The kinds of this app's outbox items; the handlers are in `handlers.py`."""

from collections.abc import Mapping
from typing import ClassVar

from outbox.kinds import Kind
from outbox.models import Lane
from outbox.queueing import Payload


class Synchronize(Payload, frozen=True, kw_only=True):
    """The tenant's subscription is to be read of Stripe; `reason` says why."""

    shown: ClassVar[frozenset[str]] = frozenset({"reason"})
    logged: ClassVar[Mapping[str, str]] = {"reason": "reason"}

    reason: str


SYNCHRONIZE = Kind("stripe.synchronize", Synchronize, lane=Lane.COSMETIC, is_platforms=True)
