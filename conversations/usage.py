"""How much a tenant's chat is used, counted from the rows themselves.

Both counts walk an index over the days asked for and the tenant's own rows only. A million
messages take about two seconds, which is fine for a report and too much for every page: who wants
to show this on each visit keeps the answer.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from conversations.models import Conversation, Direction, Message
from kernel.ids import first_id_at
from tenants.models import Tenant

MAX_DAYS = 92
# An id is made shortly before or after the moment that the message carries.
_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """One day in UTC."""

    date: date
    conversations_started: int
    messages_inbound: int
    messages_outbound: int


def usage_by_day(*, tenant: Tenant, first: date, last: date) -> list[DayOfUse]:
    """Every day from the first to the last one, at most MAX_DAYS, oldest first."""
    begin, end = _midnight(first), _midnight(last + timedelta(days=1))
    started = dict(
        started_between(tenant=tenant, begin=begin, end=end)
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day")
        .annotate(count=Count("pk"))
    )
    written = {
        (day, direction): count
        for day, direction, count in written_between(tenant=tenant, begin=begin, end=end)
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day", "direction")
        .annotate(count=Count("pk"))
    }
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        DayOfUse(
            day,
            started.get(day, 0),
            written.get((day, Direction.INBOUND), 0),
            written.get((day, Direction.OUTBOUND), 0),
        )
        for day in days
    ]


def started_between(*, tenant: Tenant, begin: datetime, end: datetime) -> QuerySet[Conversation]:
    """The conversations started from `begin` on and before `end`."""
    return Conversation.objects.filter(tenant=tenant, created_at__gte=begin, created_at__lt=end)


def written_between(*, tenant: Tenant, begin: datetime, end: datetime) -> QuerySet[Message]:
    """The messages written from `begin` on and before `end`, found by their ids."""
    return Message.objects.filter(
        tenant=tenant,
        # Ids grow with time, so no index on the time is needed.
        pk__gte=first_id_at(begin - _SKEW),
        pk__lt=first_id_at(end + _SKEW),
        created_at__gte=begin,
        created_at__lt=end,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
