"""What does not mend itself, for the overview's list."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse

from billing import limits
from billing.stripe.effects import CHANNEL as STRIPE
from channels_telegram.channels import OUTBOX_PREFIX
from channels_telegram.models import TelegramChannel
from channels_telegram.standing import TROUBLED, Standing
from chatorical.console.usage import TITLES
from chatorical.console.waiting import Waiting
from outbox import kinds
from outbox import selectors as outbox
from outbox.models import OutboxItem
from tenants.console import moment
from tenants.models import Tenant
from tenants.scope import tenant_scope

_MAX_NEEDS = 20


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a person has to do; without an address there is no page for it."""

    title: str
    detail: str
    when: str
    tone: str
    address: str = ""
    link: str = ""


def list_address(model: str, **query: str) -> str:
    """Where a list is, narrowed."""
    address = reverse(f"admin:{model}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def find_needs(workspace: Tenant | None, waiting: Waiting) -> list[Need]:
    """Of the scope; `workspace` is the member's tenant, None for platform staff."""
    return [
        *_suspension(workspace),
        *_limits(workspace),
        *_silent_channels(),
        *_silent_stripe(workspace),
        *_incomplete_channels(),
        *_long_waits(waiting),
        *_dead_items(workspace),
    ]


def _suspension(workspace: Tenant | None) -> list[Need]:
    if workspace is None or workspace.is_active:
        return []
    return [
        Need(
            title="This workspace is suspended",
            detail="Its customers cannot start chats or write, and what agents answer does not "
            "reach them. Nothing is deleted. Ask the platform's support to resume it.",
            when="",
            tone="bad",
        )
    ]


def _limits(workspace: Tenant | None) -> list[Need]:
    """What of the member's own plan is used up, or nearly."""
    if workspace is None:
        return []
    with tenant_scope(workspace.pk) as tenant:
        near = limits.near_limits(tenant)
    return [
        Need(
            title=f"{TITLES[status.limit]}: {status.percent} % of what your plan allows",
            detail=(
                "More is refused; agents can always answer."
                if status.is_hard
                else "More is not refused. Ask for a larger plan if you need it for long."
            ),
            when="",
            tone="bad" if status.percent >= limits.FULL_PERCENT else "warn",
            address=reverse("usage"),
            link="See the usage",
        )
        for status in near
    ]


def _silent_channels() -> list[Need]:
    """Channels on hold until a person acts. A hold without a reason ends by itself."""
    troubled = outbox.list_troubled_holds().filter(channel__startswith=OUTBOX_PREFIX)
    holds = troubled.select_related("tenant").order_by("updated_at")[:_MAX_NEEDS]
    tenants = [hold.tenant_id for hold in holds]
    bots = TelegramChannel.objects.filter(tenant_id__in=tenants).order_by("created_at")
    channels = {f"{OUTBOX_PREFIX}{bot.pk}": bot.pk for bot in bots}
    # The first bot of a group hears it; the others only help.
    firsts = {bot.tenant_id: bot.pk for bot in reversed(bots)}
    needs = []
    for hold in holds:
        channel = channels.get(hold.channel)
        if channel is not None:
            address = reverse("admin:channels_telegram_telegramchannel_change", args=[channel])
        else:
            query = urlencode({"tenant": str(hold.tenant_id)})
            address = f"{reverse('admin:channels_telegram_telegramchannel_add')}?{query}"
        is_helping = channel is not None and channel != firsts[hold.tenant_id]
        trouble = (
            "a bot that helps needs you" if is_helping else "nothing reaches the Telegram group"
        )
        needs.append(
            Need(
                title=f"{hold.tenant}: {trouble}",
                detail=hold.reason,
                when=moment(hold.updated_at),
                tone="bad",
                address=address,
                link="Open the channel" if channel is not None else "Connect a group",
            )
        )
    return needs


def _silent_stripe(workspace: Tenant | None) -> list[Need]:
    """Calls of Stripe on hold until the platform's own people act: no tenant's matter."""
    if workspace is not None:
        return []
    holds = outbox.list_troubled_holds().filter(channel=STRIPE)
    oldest = holds.order_by("updated_at").first()
    if oldest is None:
        return []
    return [
        Need(
            title=f"Stripe is not read for {holds.count():,} of the tenants that pay",
            detail=oldest.reason,
            when=moment(oldest.updated_at),
            tone="bad",
        )
    ]


def _incomplete_channels() -> list[Need]:
    """Channels whose bot lacks something, or hears no answers, while posts still leave."""
    troubled = outbox.list_troubled_holds().filter(channel__startswith=OUTBOX_PREFIX)
    names = troubled.values_list("channel", flat=True)[:_MAX_NEEDS]
    held = {name.removeprefix(OUTBOX_PREFIX) for name in names}
    rows = (
        TelegramChannel.objects.filter(TROUBLED, is_active=True)
        .exclude(pk__in=[pk for pk in held if pk != "none"])
        .select_related("tenant")
        .order_by("tenant__slug")[:_MAX_NEEDS]
    )
    return [
        Need(
            title=f"{row.tenant}: the Telegram bot needs you",
            detail=Standing.of(row).problem or "",
            when=moment(row.standing_checked_at),
            tone="bad",
            address=reverse("admin:channels_telegram_telegramchannel_change", args=[row.pk]),
            link="Open the channel",
        )
        for row in rows
    ]


def _long_waits(waiting: Waiting) -> list[Need]:
    needs = [
        Need(
            title=f"{conversation.title} is waiting",
            detail=f"{conversation.tenant}: nobody has claimed this conversation.",
            when=moment(conversation.waiting_since),
            tone="warn",
            address=reverse("admin:conversations_conversation_change", args=[conversation.pk]),
            link="Read it",
        )
        for conversation in waiting.longest
    ]
    more = waiting.too_long - len(waiting.longest)
    if more > 0:
        needs.append(
            Need(
                title="1 more waits too long" if more == 1 else f"{more:,} more wait too long",
                detail="Nobody has claimed these conversations.",
                when="",
                tone="warn",
                address=list_address("conversations_conversation", state="waiting"),
                link="See all",
            )
        )
    return needs


def _dead_items(workspace: Tenant | None) -> list[Need]:
    dead = OutboxItem.objects.filter(status=OutboxItem.Status.DEAD)
    if workspace is not None:
        dead = dead.exclude(kind__in=kinds.platform_kinds())
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
            tone="bad",
            address=list_address("outbox_outboxitem", state="dead"),
            link="Retry or discard",
        )
    ]
