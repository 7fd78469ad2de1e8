"""How channels are: whether what agents should see leaves, and what keeps it from leaving."""

from django.db.models import CharField, Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models import Value as V
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from channels_telegram.channels import OUTBOX_PREFIX
from channels_telegram.models import TelegramChannel
from channels_telegram.outgoing.kinds import LOOK, SET_UP
from channels_telegram.standing import Standing
from conversations.channels import ChannelState, ChannelStatus
from outbox import selectors as outbox
from outbox.models import OutboxHold, OutboxItem


def with_status(channels: QuerySet[TelegramChannel]) -> QuerySet[TelegramChannel]:
    """The channels, each with all that `status_of` needs, in one query."""
    own = {"tenant_id": OuterRef("tenant_id"), "channel": OuterRef("outbox_channel")}
    troubled = outbox.list_troubled_holds().filter(**own)
    on_hold = OutboxHold.objects.filter(**own, held_until__gt=timezone.now())
    waiting = (
        OutboxItem.objects.filter(
            tenant_id=OuterRef("tenant_id"),
            channel=OuterRef("outbox_channel"),
            status=OutboxItem.Status.PENDING,
        )
        .order_by()
        .values("channel")
    )
    # In the bot's own queue, or about it.
    concerned = Q(channel=OuterRef("outbox_channel")) | Q(about=OuterRef("row_name"))
    items = OutboxItem.objects.annotate(about=KT("payload__channel"))
    failed = (
        items.filter(
            concerned,
            tenant_id=OuterRef("tenant_id"),
            kind__startswith="telegram.",
            status__in=[OutboxItem.Status.PENDING, OutboxItem.Status.DEAD],
        )
        .exclude(last_error="")
        .order_by("-id")
        .values("last_error")
    )
    unaccepted = failed.filter(kind=SET_UP.name, status=OutboxItem.Status.PENDING)
    checking = items.filter(
        concerned,
        tenant_id=OuterRef("tenant_id"),
        kind__in=[SET_UP.name, LOOK.name],
        status=OutboxItem.Status.PENDING,
        last_error="",
    ).order_by("-id")
    return channels.annotate(
        row_name=Cast("pk", CharField()),
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


def status_of(channel: TelegramChannel | None) -> ChannelStatus:
    """How a channel from `with_status` is; None is no channel."""
    if channel is None:
        return ChannelStatus(ChannelState.NOT_CONFIGURED)
    values = channel.__dict__
    state, problem = ChannelState.WORKING, None
    standing = Standing.of(channel)
    if standing.problem and (standing.is_held or not values["trouble"]):
        # Where the channel is on hold besides, it is so for this reason.
        state, problem = ChannelState.NEEDS_ATTENTION, standing.problem
    elif values["trouble"]:
        state, problem = ChannelState.NEEDS_ATTENTION, values["trouble"]
    elif values["set_up_error"]:
        state, problem = ChannelState.FAILING, values["set_up_error"]
    elif values["blocked_until"] is not None:
        state = ChannelState.PAUSED
    elif channel.standing_checked_at is None:
        state = ChannelState.NOT_CHECKED
    return ChannelStatus(
        state=state,
        problem=problem,
        blocked_until=values["blocked_until"],
        waiting=values["waiting"],
        oldest_waiting_at=values["oldest_waiting_at"],
        last_error=values["last_error"],
        is_held=bool(values["trouble"]) or standing.is_held,
        checking_since=values["checking_since"],
    )
