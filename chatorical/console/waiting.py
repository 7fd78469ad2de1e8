"""Who waits for an agent: the one source of every statement about it on the overview."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from conversations.models import OPEN_STATUSES, Conversation, Status
from tenants.console.display import duration

# The agents' second reminder has gone out by then.
TOO_LONG = timedelta(minutes=15)
# What the overview names one by one.
MAX_NAMED = 5

WAITING = Q(status=Status.OPEN_UNCLAIMED, waiting_since__isnull=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open conversations as of `at`, and those of them that nobody has claimed."""

    at: datetime
    open: int
    count: int
    too_long: int
    oldest: datetime | None
    # Those that wait too long, the longest first, at most MAX_NAMED.
    longest: list[Conversation]

    @property
    def span(self) -> timedelta | None:
        """How long the longest has waited; None when nobody waits."""
        return None if self.oldest is None else self.at - self.oldest

    @property
    def sentence(self) -> str:
        """The same numbers in words."""
        if self.span is None:
            return "Nobody waits for an agent."
        who = "1 customer waits" if self.count == 1 else f"{self.count:,} customers wait"
        longest = "" if self.count == 1 else ", the longest"
        return f"{who} for an agent{longest} for {duration(self.span)}."


def read_waiting(now: datetime) -> Waiting:
    """Of the scope's tenant, or of all tenants."""
    counts = Conversation.objects.filter(status__in=OPEN_STATUSES).aggregate(
        open=Count("pk"),
        count=Count("pk", filter=WAITING),
        too_long=Count("pk", filter=WAITING & Q(waiting_since__lt=now - TOO_LONG)),
        oldest=Min("waiting_since", filter=WAITING),
    )
    rows = Conversation.objects.filter(WAITING, waiting_since__lt=now - TOO_LONG)
    longest = rows.select_related("tenant").order_by("waiting_since")[:MAX_NAMED]
    return Waiting(now, longest=list(longest) if counts["too_long"] else [], **counts)
