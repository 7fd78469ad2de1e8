"""The console's first page: what needs a person now, and whether messages flow.

Every number counts across all tenants for platform staff, and in one tenant for its members. The
counts read open conversations and the last day of messages, which is fine up to some millions of
rows; beyond that they belong in a rollup.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from chatorical.console.first_steps import find_first_steps
from chatorical.console.needs import find_needs, list_address
from chatorical.console.waiting import TOO_LONG, WAITING, Waiting, read_waiting
from conversations.models import Conversation, Direction, Message
from kernel.ids import first_id_at
from outbox.admin import is_late
from outbox.models import OutboxItem
from tenants.console.display import duration
from tenants.models import Tenant, User

_DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that answers a question, and the list behind it."""

    question: str
    value: str
    note: str
    address: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Hour:
    """One bar of the chart; heights are percent of the busiest hour."""

    begins: datetime
    inbound: int
    outbound: int
    inbound_height: float
    outbound_height: float


def fill_in(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the numbers, for those who may see conversations and the outbox."""
    if not request.user.has_perm("conversations.view_conversation"):
        return context
    if not request.user.has_perm("outbox.view_outboxitem"):
        # Agents look after conversations, not after the machinery.
        address = list_address("conversations_conversation", state="waiting")
        return context | {"title": "Overview", "waiting_address": address}
    workspace = request.user.workspace if isinstance(request.user, User) else None
    now = timezone.now()
    hours = _messages_per_hour(now)
    waiting = read_waiting(now)
    return context | {
        "title": "Overview",
        "first_steps": find_first_steps(workspace),
        "figures": _figures(waiting, hours),
        "needs": find_needs(workspace, waiting),
        "waiting": waiting,
        "suspended": _suspended_tenants() if workspace is None else "",
        "suspended_address": list_address("tenants_tenant", status__exact="suspended"),
        "hours": hours,
        "has_messages": any(hour.inbound or hour.outbound for hour in hours),
    }


def _suspended_tenants() -> str:
    """How many, in words; empty for none."""
    count = Tenant.objects.filter(status=Tenant.Status.SUSPENDED).count()
    return (
        ""
        if not count
        else "1 tenant is suspended"
        if count == 1
        else (f"{count:,} tenants are suspended")
    )


def _figures(waiting: Waiting, hours: list[Hour]) -> list[Figure]:
    items = OutboxItem.objects.filter(status=OutboxItem.Status.PENDING).aggregate(
        pending=Count("pk"), late=Count("pk", filter=is_late())
    )
    inbound, outbound = sum(h.inbound for h in hours), sum(h.outbound for h in hours)
    late: int = items["late"]
    span = waiting.span
    return [
        Figure(
            "Waiting for an agent",
            f"{waiting.count:,}",
            f"of {waiting.open:,} open",
            list_address("conversations_conversation", state="waiting"),
            "warn" if waiting.count else "",
        ),
        Figure(
            "Waiting longest",
            duration(span) if span is not None else "nobody",
            "since their first message" if span is not None else "everybody is looked after",
            _longest_wait_address(waiting.oldest),
            "bad" if span is not None and span > TOO_LONG else "",
        ),
        Figure(
            "Messages in 24 hours",
            f"{inbound + outbound:,}",
            f"{inbound:,} from customers, {outbound:,} to them",
            list_address("conversations_conversation"),
        ),
        Figure(
            "Outbox",
            f"{items['pending']:,}",
            f"{late:,} for over a minute" if late else "on their way to Telegram",
            list_address("outbox_outboxitem", state="late" if late else "pending"),
            "warn" if late else "",
        ),
    ]


def _longest_wait_address(oldest: datetime | None) -> str:
    if oldest is None:
        return list_address("conversations_conversation", state="open")
    first = Conversation.objects.filter(WAITING, waiting_since=oldest).first()
    if first is None:
        return list_address("conversations_conversation", state="waiting")
    return reverse("admin:conversations_conversation_change", args=[first.pk])


def _messages_per_hour(now: datetime) -> list[Hour]:
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    first = this_hour - timedelta(hours=_DAY_HOURS - 1)
    # Ids grow with time, so the primary key finds the last day without an index on the time.
    rows = (
        Message.objects.filter(pk__gte=first_id_at(first), created_at__gte=first)
        .annotate(hour=TruncHour("created_at"))
        .values_list("hour", "direction")
        .annotate(count=Count("pk"))
    )
    counts = {(hour, direction): count for hour, direction, count in rows}
    hours = [first + timedelta(hours=index) for index in range(_DAY_HOURS)]
    pairs = [
        (counts.get((h, Direction.INBOUND), 0), counts.get((h, Direction.OUTBOUND), 0))
        for h in hours
    ]
    most = max([sum(pair) for pair in pairs] + [1])
    return [
        Hour(hour, inbound, outbound, 100 * inbound / most, 100 * outbound / most)
        for hour, (inbound, outbound) in zip(hours, pairs, strict=True)
    ]
