"""/v2/admin/billing"""

from typing import Annotated, Any, ClassVar

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from billing import limits, selectors
from billing.api.v2.limits import LimitJson
from billing.models import Plan
from kernel.rest.answers import Answer, answered
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope


class BoughtPlanJson(Answer, frozen=True, kw_only=True):
    """A plan, as those see it who have it."""

    code: str
    name: str

    @classmethod
    def of(cls, plan: Plan) -> "BoughtPlanJson":
        """The plan as it is shown."""
        return cls(code=plan.code, name=plan.name)


class BillingJson(Answer, frozen=True, kw_only=True):
    """What the tenant has bought, and how much of it is used."""

    plan: Annotated[BoughtPlanJson | None, Meta(description="Null: the platform's own limits.")]
    state: Annotated[str, Meta(description="`active`: the operator gives plans by hand.")]
    limits: list[LimitJson]
    invoices: Annotated[list[Any], Meta(description="None while plans are given by hand.")]


class Billing(ApiKeyView):
    """The tenant's plan and its limits."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    is_counted = False

    @extend_schema(
        operation_id="readBilling",
        tags=["Tenant"],
        summary="Read the plan, its limits and how much of them is used",
        responses=answered(BillingJson),
    )
    def get(self, request: Request) -> Response:
        """As it is at this moment."""
        plan = selectors.find_plan_of(self.tenant)
        return Response(
            BillingJson(
                plan=BoughtPlanJson.of(plan) if plan else None,
                state="active",
                limits=[LimitJson.of(status) for status in limits.statuses_of(self.tenant)],
                invoices=[],
            )
        )
