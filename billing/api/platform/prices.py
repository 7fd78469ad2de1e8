"""/v2/platform/plans/{code}/prices: what a plan costs."""

from typing import Annotated, Any

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import prices, selectors
from billing.models import Interval, PlanPrice
from kernel.rest import fields
from kernel.rest.answers import Answer, answered
from tenants.api.platform.base import TAGS, PlatformView
from tenants.api.v2.base import read

_AMOUNT = "In the currency's smallest unit: 1900 are 19 euros."
_TRIAL = "Days before the first payment, of a tenant's first subscription; 0 for none."


class PriceJson(Answer, frozen=True, kw_only=True):
    """What a plan costs in an interval."""

    interval: Interval
    currency: Annotated[str, Meta(description="Such as `eur`.")]
    amount: Annotated[int, Meta(description=_AMOUNT)]
    trial_days: Annotated[int, Meta(description=_TRIAL)]
    is_offered: bool
    lookup_key: Annotated[str, Meta(description="Its name at Stripe.")]

    @classmethod
    def of(cls, price: PlanPrice) -> "PriceJson":
        """The price as it is shown."""
        return cls(
            interval=Interval(price.interval),
            currency=price.currency,
            amount=price.amount,
            trial_days=price.trial_days,
            is_offered=price.is_offered,
            lookup_key=price.lookup_key,
        )


class NewPrice(serializers.Serializer[Any]):
    """What it is to cost."""

    currency = fields.Text(max_length=3, help_text="Three small letters, such as `eur`.")
    amount = fields.Number(min_value=1, max_value=prices.MAX_AMOUNT, help_text=_AMOUNT)
    trial_days = fields.Number(
        required=False, min_value=0, max_value=prices.MAX_TRIAL_DAYS, help_text=_TRIAL
    )
    is_offered = fields.Flag(
        required=False, help_text="False: it cannot be bought any more. Who has it keeps it."
    )


class Prices(PlatformView):
    """The prices of one plan."""

    @extend_schema(
        operation_id="listPlanPrices",
        tags=TAGS,
        summary="List a plan's prices",
        responses={200: list[PriceJson]},
    )
    def get(self, request: Request, code: str) -> Response:
        """At most one for each interval."""
        plan = selectors.get_plan(code)
        return Response([PriceJson.of(price) for price in plan.prices.select_related("plan")])


class OnePrice(PlatformView):
    """What a plan costs in one interval."""

    @extend_schema(
        operation_id="setPlanPrice",
        tags=TAGS,
        summary="Set what a plan costs",
        description="`interval` is `month` or `year`. Stripe learns it by the next run of "
        "`manage.py stripe_catalogue`; who pays already goes on paying the old price.",
        request=NewPrice,
        responses=answered(PriceJson),
    )
    def put(self, request: Request, code: str, interval: str) -> Response:
        """The price as it is now."""
        given = read(NewPrice, request)
        plan = selectors.get_plan(code)
        price = prices.set_price(plan=plan, interval=interval, actor=self.actor, **given)
        return Response(PriceJson.of(price))
