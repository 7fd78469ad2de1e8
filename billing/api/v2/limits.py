"""A limit, and how much of it is used, as answers show it."""

from typing import Annotated

from msgspec import Meta

from billing.limits import LimitStatus
from kernel.clock import iso_ms_or_none
from kernel.rest.answers import Answer, Moment


class LimitJson(Answer, frozen=True, kw_only=True):
    """A limit, and how much of it is used."""

    name: str
    limit: Annotated[int | None, Meta(description="Null: as much as you like.")]
    used: int
    percent: Annotated[int, Meta(description="0 without a limit.")]
    is_hard: Annotated[bool, Meta(description="Whether more than that is refused.")]
    resets_at: Annotated[Moment | None, Meta(description="When the count begins anew.")]

    @classmethod
    def of(cls, status: LimitStatus) -> "LimitJson":
        """The limit as it is shown."""
        return cls(
            name=status.limit.value,
            limit=status.allowed,
            used=status.used,
            percent=status.percent,
            is_hard=status.is_hard,
            resets_at=iso_ms_or_none(status.resets_at),
        )
