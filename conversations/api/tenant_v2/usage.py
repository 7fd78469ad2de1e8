"""/v2/admin/usage"""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import usage
from kernel.errors import InvalidParameter
from tenants.api.v2.base import ApiKeyView, answered
from tenants.api_keys.scopes import Scope

_DATE = {"type": "string", "format": "date"}
_USUAL_DAYS = 30
# Ids are ordered by a time that can be written in 48 bits; nobody needs more.
_FIRST_DAY, _LAST_DAY = date(2020, 1, 1), date(9000, 1, 1)


class DayJson(serializers.Serializer[Any]):
    """One day in UTC."""

    date = serializers.DateField()
    conversations_started = serializers.IntegerField()
    messages_inbound = serializers.IntegerField(help_text="From customers.")
    messages_outbound = serializers.IntegerField(help_text="To customers.")


class TotalJson(serializers.Serializer[Any]):
    """All the days together."""

    conversations_started = serializers.IntegerField()
    messages_inbound = serializers.IntegerField()
    messages_outbound = serializers.IntegerField()


class UsageJson(serializers.Serializer[Any]):
    """What customers and agents have written."""

    days = DayJson(many=True)
    total = TotalJson()


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
        shown = [
            {
                "date": day.date.isoformat(),
                "conversations_started": day.conversations_started,
                "messages_inbound": day.messages_inbound,
                "messages_outbound": day.messages_outbound,
            }
            for day in days
        ]
        total = {
            "conversations_started": sum(day.conversations_started for day in days),
            "messages_inbound": sum(day.messages_inbound for day in days),
            "messages_outbound": sum(day.messages_outbound for day in days),
        }
        return Response({"days": shown, "total": total})


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
