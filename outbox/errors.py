"""How an attempt can fail. A handler raises one of these; the worker knows nothing more."""

from datetime import datetime

from kernel.errors import DomainError, NotFound


class DeliveryError(Exception):
    """The attempt failed.

    `permanent`: it will never succeed, so the item ends as DEAD. `retry_after_seconds`: the other
    side has said when to come back, and is obeyed exactly. `is_ambiguous`: the effect may have
    happened all the same (a timeout after sending), which is worth a line in the log.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after_seconds: float | None = None,
        is_ambiguous: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after_seconds = retry_after_seconds
        self.is_ambiguous = is_ambiguous


class Expired(DeliveryError):
    """Nothing was attempted: the moment until which it made sense has passed."""


class ChannelOnHold(DeliveryError):
    """Nothing was attempted: the item's budget is spent, or its channel is paused.

    The channel is on hold until the given moment, for every item of it. With a `reason`, a
    person has to act. With `counts_as_attempt`, the other side has refused a real call.
    """

    def __init__(
        self,
        message: str,
        *,
        until: datetime,
        reason: str = "",
        counts_as_attempt: bool = False,
    ) -> None:
        super().__init__(message)
        self.until = until
        self.reason = reason
        self.counts_as_attempt = counts_as_attempt


class OutboxItemNotFound(NotFound):
    """No such item, or it is another tenant's, or finished long ago."""

    code = "outbox_item_not_found"
    message = "There is no such outbox item."


class OutboxItemNotOpen(DomainError):
    """The item is delivered or given up, or an attempt of it is running."""

    code = "outbox_item_not_open"
    http_status = 409
    message = "This item is finished, or is being attempted right now."
