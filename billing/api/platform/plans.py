"""/v2/platform/plans, and which tenant has which"""

from typing import Annotated, Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import selectors, services, validation
from billing.models import Plan
from kernel.clock import iso_ms
from kernel.rest import fields
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.platform.base import TAGS, PlatformView
from tenants.api.platform.tenants import get_tenant
from tenants.api.v2.base import read
from tenants.models import Tenant
from tenants.plan_limits import Grace
from tenants.scope import tenant_scope

_HARD = "The limits of use that refuse; the others only warn. Seats always refuse one more."
_GRACE = "How far beyond a hard limit customers are served: not, ten percent, or three days."


def _number(help_text: str, most: int = validation.MAX_COUNTED) -> fields.Number:
    return fields.Number(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=most,
        help_text=f"{help_text} Null: as many as they like.",
    )


_BUCKETS = (
    f"By bucket: {', '.join(f'`{name}`' for name in sorted(settings.RATE_LIMITS))}. "
    "What is not named is not limited by the plan."
)


class RateLimit(serializers.Serializer[Any]):
    """So many requests in a window."""

    points = fields.Number(
        min_value=0, max_value=validation.MAX_POINTS, help_text="0 means no limit."
    )
    duration_seconds = fields.Number(min_value=1, max_value=validation.MAX_WINDOW)


class RateLimitsField(serializers.DictField):
    """Limits by bucket."""

    child = RateLimit()

    def __init__(self, **options: Any) -> None:
        super().__init__(help_text=_BUCKETS, **options)


class RateLimitJson(Answer, frozen=True, kw_only=True):
    """So many requests in a window."""

    points: Annotated[int, Meta(ge=0, le=validation.MAX_POINTS, description="0 means no limit.")]
    duration_seconds: Annotated[int, Meta(ge=1, le=validation.MAX_WINDOW)]


class PlanJson(Answer, frozen=True, kw_only=True):
    """A bundle of limits."""

    code: str
    name: str
    rate_limits: Annotated[dict[str, RateLimitJson], Meta(description=_BUCKETS)]
    max_members: int | None
    max_agents: int | None
    max_api_keys: int | None
    max_bots: int | None
    max_starts_per_day: int | None
    max_messages_per_month: int | None
    max_active_conversations: int | None
    max_storage_bytes: int | None
    max_api_calls_per_month: int | None
    hard_limits: Annotated[list[str], Meta(description=_HARD)]
    grace: Annotated[str, Meta(description=_GRACE)]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, plan: Plan) -> "PlanJson":
        """The plan as it is shown."""
        return cls(
            code=plan.code,
            name=plan.name,
            rate_limits={
                bucket: RateLimitJson(**limit) for bucket, limit in plan.rate_limits.items()
            },
            **{name: getattr(plan, name) for name in validation.COUNTED},
            hard_limits=plan.hard_limits,
            grace=plan.grace,
            created_at=iso_ms(plan.created_at),
            updated_at=iso_ms(plan.updated_at),
        )


class PlanChange(serializers.Serializer[Any]):
    """What shall be different."""

    name = fields.Text(required=False, max_length=validation.MAX_NAME)
    rate_limits = RateLimitsField(required=False)
    max_members = _number("People in the admin.")
    max_agents = _number("Agents with a name that customers see.")
    max_api_keys = _number("API keys that work.")
    max_bots = _number("Bots.")
    max_starts_per_day = _number("Conversations started in a day.", validation.MAX_USED)
    max_messages_per_month = _number("Messages from customers.", validation.MAX_USED)
    max_active_conversations = _number("Open conversations.", validation.MAX_USED)
    max_storage_bytes = _number("Bytes of files.", validation.MAX_USED)
    max_api_calls_per_month = _number("Calls of /v2/admin.", validation.MAX_USED)
    hard_limits = serializers.ListField(
        child=serializers.ChoiceField(choices=validation.USED), required=False, help_text=_HARD
    )
    grace = serializers.ChoiceField(choices=list(Grace), required=False, help_text=_GRACE)


class NewPlan(PlanChange):
    """A new bundle of limits."""

    code = fields.Text(
        max_length=validation.MAX_CODE,
        help_text="Lower-case letters, digits and hyphens; it stays for good.",
    )
    name = fields.Text(max_length=validation.MAX_NAME)


class TenantPlanJson(Answer, frozen=True, kw_only=True):
    """Which plan a tenant has."""

    tenant: Annotated[str, Meta(description="The tenant's slug.")]
    plan: Annotated[str | None, Meta(description="The plan's code; null without one.")]

    @classmethod
    def of(cls, tenant: Tenant, plan: Plan | None) -> "TenantPlanJson":
        """The tenant with its plan."""
        return cls(tenant=tenant.slug, plan=plan.code if plan else None)


class ChosenPlan(serializers.Serializer[Any]):
    """Which plan it shall be."""

    plan = fields.Text(
        allow_null=True,
        max_length=validation.MAX_CODE,
        help_text="The plan's code; null takes the plan away.",
    )


class Plans(PlatformView):
    """All plans."""

    @extend_schema(
        operation_id="listPlans",
        tags=TAGS,
        summary="List plans",
        parameters=PageRequest.parameters(),
        responses=page_of(PlanJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        page = PageRequest.of(request, "plans").take(selectors.list_plans())
        return object_answer(map(PlanJson.of, page.rows), page.next_cursor)

    @extend_schema(
        operation_id="createPlan",
        tags=TAGS,
        summary="Create a plan",
        request=NewPlan,
        responses=answered(PlanJson, 201),
    )
    def post(self, request: Request) -> Response:
        """The new plan, which nobody has yet."""
        plan = services.create_plan(actor=self.actor, **read(NewPlan, request))
        return Response(PlanJson.of(plan), 201)


class OnePlan(PlatformView):
    """One plan."""

    @extend_schema(
        operation_id="readPlan", tags=TAGS, summary="Read a plan", responses=answered(PlanJson)
    )
    def get(self, request: Request, code: str) -> Response:
        """The plan."""
        return Response(PlanJson.of(selectors.get_plan(code)))

    @extend_schema(
        operation_id="changePlan",
        tags=TAGS,
        summary="Change a plan",
        description="The new limits hold for all its tenants at once. What a tenant has over a "
        "lowered number stays; it can add no more. `rate_limits` replaces all of them.",
        request=PlanChange,
        responses=answered(PlanJson),
    )
    def patch(self, request: Request, code: str) -> Response:
        """The plan as it is now. Fields that are not given stay."""
        given = read(PlanChange, request)
        plan = selectors.get_plan(code)
        return Response(PlanJson.of(services.update_plan(plan=plan, actor=self.actor, **given)))


class TenantPlan(PlatformView):
    """The plan of one tenant."""

    @extend_schema(
        operation_id="readTenantPlan",
        tags=TAGS,
        summary="Read which plan a tenant has",
        responses=answered(TenantPlanJson),
    )
    def get(self, request: Request, slug: str) -> Response:
        """The plan's code."""
        with tenant_scope(get_tenant(slug).pk) as tenant:
            return Response(TenantPlanJson.of(tenant, selectors.find_plan_of(tenant)))

    @extend_schema(
        operation_id="assignPlan",
        tags=TAGS,
        summary="Give a tenant a plan",
        description="What the tenant has over the plan's numbers stays; it can add no more.",
        request=ChosenPlan,
        responses=answered(TenantPlanJson),
    )
    def put(self, request: Request, slug: str) -> Response:
        """Its limits hold with the tenant's next request."""
        given = read(ChosenPlan, request)
        with tenant_scope(get_tenant(slug).pk) as tenant:
            plan = services.assign_plan(tenant=tenant, code=given["plan"], actor=self.actor)
            return Response(TenantPlanJson.of(tenant, plan))
