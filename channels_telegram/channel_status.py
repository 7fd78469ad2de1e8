"""How channels are: whether what agents should see leaves, and what keeps it from leaving."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import CharField, Count, F, IntegerField, Min, OuterRef, QuerySet, Subquery
from django.db.models import Value as V
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from channels_telegram.channels import OUTBOX_PREFIX
from channels_telegram.models import TelegramChannel
from channels_telegram.outgoing.kinds import LOOK, SET_UP
from channels_telegram.standing import Standing
from outbox import selectors as outbox
from outbox.models import OutboxHold, OutboxItem


class State(StrEnum):
    """One word for a channel."""

    NOT_CONFIGURED = "not_configured"
    # Telegram has not been asked yet whether bot and group are as they must be.
    NOT_CHECKED = "not_checked"
    WORKING = "working"
    # Telegram wants a while of silence, or the budget refills; goes on by itself.
    PAUSED = "paused"
    # Telegram has not accepted the bot or the webhook yet; tried again by itself.
    FAILING = "failing"
    # Only a person can mend it.
    NEEDS_ATTENTION = "needs_attention"


@dataclass(frozen=True, slots=True)
class Condition:
    """A channel's state, and what goes with it."""

    state: State
    problem: str | None
    blocked_until: datetime | None
    waiting: int
    oldest_waiting_at: datetime | None
    last_error: str | None
    # Whether the problem keeps what waits from leaving.
    is_held: bool = False
    # When the check was asked for that is under way.
    checking_since: datetime | None = None


def with_condition(channels: QuerySet[TelegramChannel]) -> QuerySet[TelegramChannel]:
    """The channels, each with all that `condition_of` needs, in one query."""
    mine = {"tenant_id": OuterRef("tenant_id"), "channel": OuterRef("outbox_channel")}
    troubled = outbox.list_troubled_holds().filter(**mine)
    on_hold = OutboxHold.objects.filter(**mine, held_until__gt=timezone.now())
    waiting = (
        OutboxItem.objects.filter(
            tenant_id=OuterRef("tenant_id"),
            channel=OuterRef("outbox_channel"),
            status=OutboxItem.Status.PENDING,
        )
        .order_by()
        .values("channel")
    )
    failed = (
        OutboxItem.objects.filter(
            tenant_id=OuterRef("tenant_id"),
            kind__startswith="telegram.",
            status__in=[OutboxItem.Status.PENDING, OutboxItem.Status.DEAD],
        )
        .exclude(last_error="")
        .order_by("-id")
        .values("last_error")
    )
    unaccepted = failed.filter(kind=SET_UP, status=OutboxItem.Status.PENDING)
    checking = OutboxItem.objects.filter(
        tenant_id=OuterRef("tenant_id"),
        kind__in=[SET_UP, LOOK],
        status=OutboxItem.Status.PENDING,
        last_error="",
    ).order_by("-id")
    return channels.annotate(
        outbox_channel=Concat(V(OUTBOX_PREFIX), Cast("pk", CharField())),
    ).annotate(
        trouble=Subquery(troubled.values("reason")[:1]),
        blocked_until=Subquery(on_hold.values("held_until")[:1]),
        waiting=Coalesce(
            Subquery(waiting.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
        ),
        oldest_waiting_at=Subquery(waiting.annotate(oldest=Min(F("created_at"))).values("oldest")),
        last_error=Subquery(failed[:1]),
        set_up_error=Subquery(unaccepted[:1]),
        checking_since=Subquery(checking.values("created_at")[:1]),
    )


def condition_of(channel: TelegramChannel | None) -> Condition:
    """How a channel from `with_condition` is; None is no channel."""
    if channel is None:
        return Condition(State.NOT_CONFIGURED, None, None, 0, None, None)
    values = channel.__dict__
    state, problem = State.WORKING, None
    standing = Standing.of(channel)
    if standing.problem and (standing.is_held or not values["trouble"]):
        # Where the channel is on hold besides, it is so for this reason.
        state, problem = State.NEEDS_ATTENTION, standing.problem
    elif values["trouble"]:
        state, problem = State.NEEDS_ATTENTION, values["trouble"]
    elif values["set_up_error"]:
        state, problem = State.FAILING, values["set_up_error"]
    elif values["blocked_until"] is not None:
        state = State.PAUSED
    elif channel.standing_checked_at is None:
        state = State.NOT_CHECKED
    return Condition(
        state=state,
        problem=problem,
        blocked_until=values["blocked_until"],
        waiting=values["waiting"],
        oldest_waiting_at=values["oldest_waiting_at"],
        last_error=values["last_error"],
        is_held=bool(values["trouble"]) or standing.is_held,
        checking_since=values["checking_since"],
    )
