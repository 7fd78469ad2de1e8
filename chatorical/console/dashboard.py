"""The console's first page: what needs somebody now, and whether messages flow.

Every number counts across all tenants. The counts read open conversations and the last day of
messages, which is fine up to some millions of rows; beyond that they belong in a rollup.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from channels_telegram.channels import GATE_PREFIX
from channels_telegram.models import TelegramChannel
from channels_telegram.standing import TROUBLED, Standing
from chatorical.kernel.ids import first_id_at
from conversations.models import OPEN_STATUSES, Conversation, Direction, Message, Status
from outbox import selectors as outbox
from outbox.admin import is_late
from outbox.models import OutboxItem
from tenants.console import moment
from tenants.console.display import duration

# The agents' second reminder has gone out by then.
TOO_LONG = timedelta(minutes=15)
_DAY_HOURS = 24
_MOST_NEEDS = 20

_waiting = Q(status=Status.OPEN_UNCLAIMED, waiting_since__isnull=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that answers a question, and the list behind it."""

    question: str
    value: str
    note: str
    address: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that does not mend itself."""

    title: str
    detail: str
    when: str
    address: str
    link: str
    tone: str


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
        address = _list("conversations_conversation", state="waiting")
        return context | {"title": "Overview", "waiting_address": address}
    now = timezone.now()
    hours = _messages_per_hour(now)
    return context | {
        "title": "Overview",
        "is_fresh": not Conversation.objects.exists(),
        "has_channel": TelegramChannel.objects.exists(),
        "figures": _figures(now, hours),
        "needs": [*_closed_gates(), *_incomplete_channels(), *_long_waits(now), *_dead_items()],
        "hours": hours,
        "has_messages": any(hour.inbound or hour.outbound for hour in hours),
    }


def _list(model: str, **query: str) -> str:
    address = reverse(f"admin:{model}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def _figures(now: datetime, hours: list[Hour]) -> list[Figure]:
    conversations = Conversation.objects.filter(status__in=OPEN_STATUSES).aggregate(
        open=Count("pk"),
        waiting=Count("pk", filter=_waiting),
        oldest=Min("waiting_since", filter=_waiting),
    )
    items = OutboxItem.objects.filter(status=OutboxItem.Status.PENDING).aggregate(
        pending=Count("pk"), late=Count("pk", filter=is_late())
    )
    inbound, outbound = sum(h.inbound for h in hours), sum(h.outbound for h in hours)
    oldest: datetime | None = conversations["oldest"]
    span = now - oldest if oldest is not None else None
    late: int = items["late"]
    return [
        Figure(
            "Waiting for an agent",
            str(conversations["waiting"]),
            f"of {conversations['open']} open",
            _list("conversations_conversation", state="waiting"),
            "warn" if conversations["waiting"] else "",
        ),
        Figure(
            "Waiting longest",
            duration(span) if span is not None else "nobody",
            "since their first message" if span is not None else "everybody is looked after",
            _longest_wait_address(oldest),
            "bad" if span is not None and span > TOO_LONG else "",
        ),
        Figure(
            "Messages in 24 hours",
            f"{inbound + outbound:,}",
            f"{inbound:,} from customers, {outbound:,} to them",
            _list("conversations_conversation"),
        ),
        Figure(
            "Outbox",
            f"{items['pending']:,}",
            f"{late:,} for over a minute" if late else "on their way to Telegram",
            _list("outbox_outboxitem", state="late" if late else "pending"),
            "warn" if late else "",
        ),
    ]


def _longest_wait_address(oldest: datetime | None) -> str:
    if oldest is None:
        return _list("conversations_conversation", state="open")
    first = Conversation.objects.filter(_waiting, waiting_since=oldest).first()
    if first is None:
        return _list("conversations_conversation", state="waiting")
    return reverse("admin:conversations_conversation_change", args=[first.pk])


def _closed_gates() -> list[Need]:
    """Channels that a person has to mend. A gate without a reason opens by itself."""
    gates = (
        outbox.list_troubled_gates().select_related("tenant").order_by("updated_at")[:_MOST_NEEDS]
    )
    channels = {
        f"{GATE_PREFIX}{pk}": pk
        for pk in TelegramChannel.objects.filter(
            tenant_id__in=[gate.tenant_id for gate in gates]
        ).values_list("pk", flat=True)
    }
    needs = []
    for gate in gates:
        channel = channels.get(gate.name)
        if channel is not None:
            address = reverse("admin:channels_telegram_telegramchannel_change", args=[channel])
        else:
            query = urlencode({"tenant": str(gate.tenant_id)})
            address = f"{reverse('admin:channels_telegram_telegramchannel_add')}?{query}"
        needs.append(
            Need(
                title=f"{gate.tenant}: nothing reaches the Telegram group",
                detail=gate.reason,
                when=moment(gate.updated_at),
                address=address,
                link="Open the channel" if channel is not None else "Connect a group",
                tone="bad",
            )
        )
    return needs


def _incomplete_channels() -> list[Need]:
    """Channels whose bot lacks something, or hears no answers, while posts still leave."""
    gates = outbox.list_troubled_gates().values_list("name", flat=True)
    held = {name.removeprefix(GATE_PREFIX) for name in gates[:_MOST_NEEDS]}
    rows = (
        TelegramChannel.objects.filter(TROUBLED, is_active=True)
        .exclude(pk__in=[pk for pk in held if pk != "none"])
        .select_related("tenant")
        .order_by("tenant__slug")[:_MOST_NEEDS]
    )
    return [
        Need(
            title=f"{row.tenant}: the Telegram bot needs you",
            detail=Standing.of(row).problem or "",
            when=moment(row.standing_checked_at),
            address=reverse("admin:channels_telegram_telegramchannel_change", args=[row.pk]),
            link="Open the channel",
            tone="bad",
        )
        for row in rows
    ]


def _long_waits(now: datetime) -> list[Need]:
    waits = (
        Conversation.objects.filter(_waiting, waiting_since__lt=now - TOO_LONG)
        .select_related("tenant")
        .order_by("waiting_since")[:5]
    )
    return [
        Need(
            title=f"{conversation.title} is waiting",
            detail=f"{conversation.tenant}: nobody has claimed this conversation.",
            when=moment(conversation.waiting_since),
            address=reverse("admin:conversations_conversation_change", args=[conversation.pk]),
            link="Read it",
            tone="warn",
        )
        for conversation in waits
    ]


def _dead_items() -> list[Need]:
    dead = OutboxItem.objects.filter(status=OutboxItem.Status.DEAD)
    summary = dead.aggregate(count=Count("pk"), oldest=Min("created_at"))
    if not summary["count"]:
        return []
    newest = dead.order_by("-pk").first()
    count = summary["count"]
    return [
        Need(
            title="1 delivery was given up" if count == 1 else f"{count} deliveries were given up",
            detail=newest.last_error if newest is not None else "",
            when=moment(summary["oldest"]),
            address=_list("outbox_outboxitem", state="dead"),
            link="Retry or discard",
            tone="bad",
        )
    ]


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
