"""/v2/admin/usage"""

from datetime import date, timedelta
from typing import Annotated, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import usage
from conversations.usage import DayOfUse
from kernel.errors import InvalidParameter
from kernel.rest.answers import Answer, answered
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope

_DATE = {"type": "string", "format": "date"}
_USUAL_DAYS = 30
# Ids are ordered by a time that can be written in 48 bits; nobody needs more.
_FIRST_DAY, _LAST_DAY = date(2020, 1, 1), date(9000, 1, 1)


class TotalJson(Answer, frozen=True, kw_only=True):
    """All the days together."""

    conversations_started: int
    messages_inbound: int
    messages_outbound: int


class DayJson(Answer, frozen=True, kw_only=True):
    """One day in UTC."""

    date: date
    conversations_started: int
    messages_inbound: Annotated[int, Meta(description="From customers.")]
    messages_outbound: Annotated[int, Meta(description="To customers.")]

    @classmethod
    def of(cls, day: DayOfUse) -> "DayJson":
        """The day as it is shown."""
        return cls(
            date=day.date,
            conversations_started=day.conversations_started,
            messages_inbound=day.messages_inbound,
            messages_outbound=day.messages_outbound,
        )


class UsageJson(Answer, frozen=True, kw_only=True):
    """What customers and agents have written."""

    days: list[DayJson]
    total: TotalJson

    @classmethod
    def of(cls, days: list[DayOfUse]) -> "UsageJson":
        """The days, and their sums."""
        return cls(
            days=[DayJson.of(day) for day in days],
            total=TotalJson(
                conversations_started=sum(day.conversations_started for day in days),
                messages_inbound=sum(day.messages_inbound for day in days),
                messages_outbound=sum(day.messages_outbound for day in days),
            ),
        )


class Usage(ApiKeyView):
    """How much the tenant's chat is used."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="readUsage",
        tags=["Tenant"],
        summary="Read usage by day",
        description="Days are in UTC and come oldest first, those without any use too. What has "
        "been deleted meanwhile is not counted.",
        parameters=[
            OpenApiParameter("from", _DATE, description="By default thirty days up to `to`."),
            OpenApiParameter("to", _DATE, description="The last day; by default today."),
        ],
        responses=answered(UsageJson),
    )
    def get(self, request: Request) -> Response:
        """Counted from the rows themselves."""
        first, last = wanted_days(request)
        days = usage.usage_by_day(tenant=self.tenant, first=first, last=last)
        return Response(UsageJson.of(days))


def wanted_days(request: Request) -> tuple[date, date]:
    """The first and the last day of the query; raises InvalidParameter naming the wrong one."""
    last = _day(request, "to") or timezone.now().date()
    first = _day(request, "from") or last - timedelta(days=_USUAL_DAYS - 1)
    if first > last:
        raise _wrong("from", "Use a day that is not after `to`.")
    if (last - first).days >= usage.MAX_DAYS:
        raise _wrong("from", f"Ask for up to {usage.MAX_DAYS} days at once.")
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
