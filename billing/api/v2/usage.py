"""/v2/admin/usage"""

from datetime import date, timedelta
from typing import Annotated, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from billing.metering import totals
from billing.metering.totals import DayOfUse
from billing.models import Metered
from kernel.errors import InvalidParameter
from kernel.rest.answers import Answer, answered
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope

_DATE = {"type": "string", "format": "date"}
_USUAL_DAYS = 30
MAX_DAYS = 92
_KINDS = {
    "conversations_started": Metered.CONVERSATIONS_STARTED,
    "active_conversations": Metered.ACTIVE_CONVERSATIONS,
    "messages_inbound": Metered.CUSTOMER_MESSAGES,
    "messages_outbound": Metered.AGENT_MESSAGES,
    "file_bytes": Metered.FILE_BYTES,
    "api_calls": Metered.API_CALLS,
}
_FIRST_DAY, _LAST_DAY = date(2020, 1, 1), date(9000, 1, 1)


class UsedJson(Answer, frozen=True, kw_only=True):
    """How much of each kind."""

    conversations_started: int
    active_conversations: Annotated[
        int, Meta(description="In which a customer or an agent wrote; in a total, day by day.")
    ]
    messages_inbound: Annotated[int, Meta(description="From customers.")]
    messages_outbound: Annotated[int, Meta(description="From agents.")]
    file_bytes: Annotated[int, Meta(description="Of files that were sent.")]
    api_calls: Annotated[int, Meta(description="Of v2 admin calls; minutes late.")]


class UsedDayJson(UsedJson, frozen=True, kw_only=True):
    """One day in UTC."""

    date: date

    @classmethod
    def of(cls, day: DayOfUse) -> "UsedDayJson":
        """The day as it is shown."""
        return cls(date=day.day, **{name: day.used.get(kind, 0) for name, kind in _KINDS.items()})


class UsageJson(Answer, frozen=True, kw_only=True):
    """What customers, agents and programs have used."""

    days: list[UsedDayJson]
    total: UsedJson

    @classmethod
    def of(cls, days: list[DayOfUse]) -> "UsageJson":
        """The days, and their sums."""
        sums = {name: sum(day.used.get(kind, 0) for day in days) for name, kind in _KINDS.items()}
        return cls(days=[UsedDayJson.of(day) for day in days], total=UsedJson(**sums))


class Usage(ApiKeyView):
    """How much the tenant's chat is used."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    is_counted = False

    @extend_schema(
        operation_id="readUsage",
        tags=["Tenant"],
        summary="Read usage by day",
        description="Days are in UTC and come oldest first, those without any use too. What has "
        "been deleted meanwhile is counted all the same.",
        parameters=[
            OpenApiParameter("from", _DATE, description="By default thirty days up to `to`."),
            OpenApiParameter("to", _DATE, description="The last day; by default today."),
        ],
        responses=answered(UsageJson),
    )
    def get(self, request: Request) -> Response:
        """What is metered, added up."""
        first, last = wanted_days(request)
        days = totals.days_between(tenant=self.tenant, first=first, last=last)
        return Response(UsageJson.of(days))


def wanted_days(request: Request) -> tuple[date, date]:
    """The first and the last day of the query; raises InvalidParameter naming the wrong one."""
    last = _day(request, "to") or timezone.now().date()
    first = _day(request, "from") or last - timedelta(days=_USUAL_DAYS - 1)
    if first > last:
        raise _wrong("from", "Use a day that is not after `to`.")
    if (last - first).days >= MAX_DAYS:
        raise _wrong("from", f"Ask for up to {MAX_DAYS} days at once.")
    return first, last


def _day(request: Request, name: str) -> date | None:
    value = request.query_params.get(name)
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise _wrong(name, "Use a day such as 2026-01-31.")
    return day


def _wrong(name: str, sentence: str) -> InvalidParameter:
    return InvalidParameter(f"{name}: {sentence}", details={name: [sentence]})
