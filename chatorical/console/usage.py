"""How much of its plan a tenant uses: each limit with a bar, and the last thirty days."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing import limits, selectors
from billing.limits import LimitStatus
from billing.metering import totals
from billing.metering.totals import DayOfUse
from billing.models import Metered
from tenants.models import Tenant, User
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope

_DAYS = 30
TITLES = {
    Limit.MEMBERS: "Members and invitations",
    Limit.AGENTS: "Agents with a name",
    Limit.API_KEYS: "API keys",
    Limit.BOTS: "Bots",
    Limit.STARTS: "Conversations started today",
    Limit.MESSAGES: "Messages from customers this month",
    Limit.ACTIVE_CONVERSATIONS: "Open conversations",
    Limit.STORAGE_BYTES: "Files",
    Limit.API_CALLS: "API calls this month",
}
_MONTHLY = frozenset({Limit.MESSAGES, Limit.API_CALLS})


@dataclass(frozen=True, slots=True)
class Bar:
    """One limit, as people read it."""

    title: str
    used: str
    allowed: str
    # How much of the bar is full; None where there is no limit.
    width: int | None
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Day:
    """One bar of the chart; heights are percent of the busiest day."""

    begins: datetime
    inbound: int
    outbound: int
    inbound_height: float
    outbound_height: float


@require_GET
def usage_page(request: HttpRequest) -> HttpResponse:
    """A member's own tenant; staff say which one by `?tenant=`."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("billing.view_subscription"):
        raise PermissionDenied
    tenant_id = user.workspace.pk if user.workspace else _chosen(request)
    if tenant_id is None:
        return HttpResponseRedirect(reverse("admin:tenants_tenant_changelist"))
    context = {**admin.site.each_context(request), **_read(tenant_id)}
    return TemplateResponse(request, "console/usage.html", context)


def _chosen(request: HttpRequest) -> UUID | None:
    given = request.GET.get("tenant")
    if not given:
        return None
    try:
        tenant_id = UUID(given)
    except ValueError:
        raise Http404 from None
    if not Tenant.objects.filter(pk=tenant_id).exists():
        raise Http404
    return tenant_id


def _read(tenant_id: UUID) -> dict[str, Any]:
    """All that the page shows, in plain values: it is drawn outside of this scope."""
    now = timezone.now()
    today = now.astimezone(UTC).date()
    with tenant_scope(tenant_id) as tenant:
        plan = selectors.find_plan_of(tenant)
        bars = [_bar(status, now) for status in limits.statuses_of(tenant)]
        days = totals.days_between(
            tenant=tenant, first=today - timedelta(days=_DAYS - 1), last=today
        )
        return {
            "title": "Usage",
            "tenant_name": tenant.name,
            "plan": plan.name if plan else "",
            "bars": bars,
            "days": _chart(days),
            "has_messages": any(_written(day) for day in days),
        }


def _bar(status: LimitStatus, now: datetime) -> Bar:
    def worded(number: int) -> str:
        is_bytes = status.limit == Limit.STORAGE_BYTES
        return str(filesizeformat(number)) if is_bytes else f"{number:,}"

    notes = []
    if status.allowed is not None and status.limit in _MONTHLY:
        notes.append(f"At this pace about {worded(_forecast(status.used, now))} by its end.")
    if status.resets_at is not None and status.allowed is not None:
        notes.append(f"Begins anew on {status.resets_at:%-d %B} at 00:00 UTC.")
    if status.allowed is not None:
        notes.append("More is refused." if status.is_hard else "More is not refused.")
    tone = "bad" if status.percent >= limits.FULL_PERCENT else "warn" if status.is_near else ""
    return Bar(
        title=TITLES[status.limit],
        used=worded(status.used),
        allowed="" if status.allowed is None else worded(status.allowed),
        width=None if status.allowed is None else min(100, status.percent),
        tone=tone,
        note=" ".join(notes),
    )


def _forecast(used: int, now: datetime) -> int:
    """How much it is at the end of the month when the rest of it is as the part so far."""
    now = now.astimezone(UTC)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    gone = max((now - month) / timedelta(days=1), 1 / 24)
    return round(used * monthrange(now.year, now.month)[1] / gone)


def _written(day: DayOfUse) -> int:
    return day.used.get(Metered.CUSTOMER_MESSAGES, 0) + day.used.get(Metered.AGENT_MESSAGES, 0)


def _chart(days: list[DayOfUse]) -> list[Day]:
    busiest = max(map(_written, days)) or 1
    chart = []
    for day in days:
        inbound = day.used.get(Metered.CUSTOMER_MESSAGES, 0)
        outbound = day.used.get(Metered.AGENT_MESSAGES, 0)
        chart.append(
            Day(
                begins=datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC),
                inbound=inbound,
                outbound=outbound,
                inbound_height=inbound * 100 / busiest,
                outbound_height=outbound * 100 / busiest,
            )
        )
    return chart
