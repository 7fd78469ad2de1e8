"""Reading plans and who has them."""

from datetime import datetime

from django.db.models import QuerySet

from billing.errors import PlanNotFound
from billing.models import BillingAccount, LimitOverride, Plan, Subscription
from tenants.models import Tenant
from tenants.plan_limits import NO_PLAN, Grace, Limit, PlanLimits, RateLimit


def list_plans() -> QuerySet[Plan]:
    """All plans."""
    return Plan.objects.all()


def get_plan(code: str) -> Plan:
    """The plan with this code; raises PlanNotFound."""
    plan = Plan.objects.filter(code=code).first()
    if plan is None:
        raise PlanNotFound(plan=code[:40])
    return plan


def find_plan_of(tenant: Tenant) -> Plan | None:
    """The plan that the tenant has, or None; call it in a scope that sees the tenant."""
    return Plan.objects.filter(
        pk__in=Subscription.objects.filter(tenant=tenant).values("plan_id")
    ).first()


def limits_of(tenant: Tenant) -> PlanLimits:
    """What the tenant's plan allows, for those who heed it."""
    plan = find_plan_of(tenant)
    read_only_from = find_read_only_from(tenant)
    # A later release may have written words that this one does not know.
    known = frozenset(limit.value for limit in Limit)
    overrides = LimitOverride.objects.filter(tenant=tenant, limit__in=known)
    own = {Limit(row.limit): row.value for row in overrides}
    if plan is None and not own:
        return NO_PLAN if read_only_from is None else PlanLimits(read_only_from=read_only_from)
    counts = {limit: getattr(plan, limit.value, None) for limit in Limit} | own
    return PlanLimits(
        rate_limits={
            bucket: RateLimit(**limit)
            for bucket, limit in (plan.rate_limits if plan else {}).items()
        },
        counts={limit: number for limit, number in counts.items() if number is not None},
        read_only_from=read_only_from,
        # A number that staff gave to this tenant alone, without a plan, is meant to hold.
        hard=frozenset(map(Limit, known.intersection(plan.hard_limits)))
        if plan
        else frozenset(own),
        grace=Grace(plan.grace) if plan and plan.grace in list(Grace) else Grace.NONE,
    )


def find_read_only_from(tenant: Tenant) -> datetime | None:
    """From when on the tenant's customers can only read, or None."""
    accounts = BillingAccount.objects.filter(tenant=tenant)
    return accounts.values_list("read_only_from", flat=True).first()
