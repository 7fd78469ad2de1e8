"""A plan sets limits, the tenants on it feel them with their next request, and nobody else does."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from billing import services
from billing.models import Plan
from kernel.errors import InvalidParameter
from tenants import plan_limits, rate_limits
from tenants.audit import SYSTEM
from tenants.errors import OverLimit
from tenants.models import AuditEntry, Tenant
from tenants.plan_limits import Limit
from tenants.rate_limits import Dimension
from tenants.scope import tenant_scope
from tenants.services import create_tenant, set_setting

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    """A customer company."""
    return create_tenant(slug=f"bakery-{uuid4().hex[:12]}", name="Bakery", actor=SYSTEM)


def new_plan(**limits: Any) -> Plan:
    """A plan of the platform."""
    code = f"team-{uuid4().hex}"
    return services.create_plan(code=code, name="Team", actor=SYSTEM, **limits)


def give(tenant: Tenant, plan: Plan | None) -> None:
    """Put the tenant on the plan."""
    with tenant_scope(tenant.pk) as scoped:
        services.assign_plan(tenant=scoped, code=plan.code if plan else None, actor=SYSTEM)


def limit(tenant: Tenant, bucket: str) -> tuple[int, float]:
    """What holds for the tenant's next request."""
    with tenant_scope(tenant.pk):
        return rate_limits.limit(tenant.pk, bucket)


def start(points: int, seconds: int) -> dict[str, dict[str, int]]:
    """A limit for starting conversations."""
    return {"start": {"points": points, "duration_seconds": seconds}}


def test_a_plan_limits_its_tenants_and_only_what_it_names(tenant: Tenant) -> None:
    usual = settings.RATE_LIMITS
    assert limit(tenant, "start") == usual["start"]
    give(tenant, new_plan(rate_limits=start(100, 30)))
    assert limit(tenant, "start") == (100, 30)
    assert limit(tenant, "history") == usual["history"]
    give(tenant, None)
    assert limit(tenant, "start") == usual["start"]


def test_a_changed_plan_holds_for_everybody_who_has_it(tenant: Tenant) -> None:
    plan = new_plan(rate_limits=start(100, 30))
    other = create_tenant(slug=f"shop-{uuid4().hex[:12]}", name="Shop", actor=SYSTEM)
    for one in (tenant, other):
        give(one, plan)
        assert limit(one, "start") == (100, 30)
    services.update_plan(plan=plan, rate_limits=start(5, 60), actor=SYSTEM)
    for one in (tenant, other):
        assert limit(one, "start") == (5, 60)
        with tenant_scope(one.pk):
            actions = AuditEntry.objects.order_by("at").values_list("action", flat=True)
            assert list(actions) == ["tenant.created", "plan.assigned", "plan.changed"]


def test_nothing_changed_is_no_change(tenant: Tenant) -> None:
    plan = new_plan(max_members=3)
    give(tenant, plan)
    give(tenant, plan)
    services.update_plan(plan=plan, max_members=3, actor=SYSTEM)
    with tenant_scope(tenant.pk):
        assert AuditEntry.objects.filter(action__startswith="plan.").count() == 1


def test_a_tenants_own_setting_is_stricter_than_the_plan_or_refused(tenant: Tenant) -> None:
    give(tenant, new_plan(rate_limits=start(100, 30)))
    with tenant_scope(tenant.pk) as scoped:
        set_setting(tenant=scoped, key="rl.start.points", value=7, actor=SYSTEM)
        set_setting(tenant=scoped, key="rl.start.durationSec", value=300, actor=SYSTEM)
        for key, value, most in (
            ("rl.start.points", 101, 100),
            ("rl.start.points", 0, 100),
            ("rl.start.durationSec", 29, 30),
        ):
            with pytest.raises(OverLimit) as refused:
                set_setting(tenant=scoped, key=key, value=value, actor=SYSTEM)
            details = refused.value.details or {}
            assert (details["name"], details["limit"]) == (key, most)
    assert limit(tenant, "start") == (7, 300)


def test_a_setting_from_before_the_plan_does_not_go_beyond_it(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk) as scoped:
        set_setting(tenant=scoped, key="rl.start.points", value=0, actor=SYSTEM)
        set_setting(tenant=scoped, key="rl.start.durationSec", value=1, actor=SYSTEM)
    assert limit(tenant, "start") == (0, 1)
    give(tenant, new_plan(rate_limits=start(100, 30)))
    assert limit(tenant, "start") == (100, 30)
    give(tenant, new_plan(rate_limits=start(0, 60)))
    assert limit(tenant, "start") == (0, 1)


def test_a_keys_own_limit_does_not_go_beyond_the_plan(tenant: Tenant) -> None:
    wish = {"api_key": {"points": 10, "duration_seconds": 60}}
    give(tenant, new_plan(rate_limits=wish))
    with tenant_scope(tenant.pk):
        for own, holds in ((0, 10), (1_000, 10), (4, 4), (None, 10)):
            dimension = Dimension("api_key", "key", points=own)
            assert rate_limits._limit_of(tenant.pk, dimension) == (holds, 60)


def test_the_limits_cost_a_request_no_query(
    tenant: Tenant, django_assert_num_queries: object
) -> None:
    give(tenant, new_plan(rate_limits=start(100, 30)))
    limit(tenant, "start")
    with tenant_scope(tenant.pk) as scoped, django_assert_num_queries(0):  # type: ignore[operator]
        assert rate_limits.limit(tenant.pk, "start") == (100, 30)
        assert plan_limits.of(scoped).counts == {}


def test_words_of_a_later_release_are_passed_over(tenant: Tenant) -> None:
    """As after going back to this one: what it knows of the plan still holds."""
    plan = new_plan(max_messages_per_month=7, hard_limits=["max_messages_per_month"])
    give(tenant, plan)
    later = ["max_unicorns", "max_messages_per_month"]
    Plan.objects.filter(pk=plan.pk).update(hard_limits=later, grace="a_year")
    services.update_plan(plan=plan, name="Later", actor=SYSTEM)
    with tenant_scope(tenant.pk) as scoped:
        assert plan_limits.of(scoped).ceiling(Limit.MESSAGES) == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\0"},
        {"code": "Team 20"},
        {"rate_limits": {"coffee": {"points": 1, "duration_seconds": 1}}},
        {"rate_limits": {"start": {"points": 1}}},
        {"rate_limits": {"start": {"points": -1, "duration_seconds": 1}}},
        {"rate_limits": {"start": {"points": 1, "duration_seconds": 0}}},
        {"rate_limits": {"start": {"points": True, "duration_seconds": 1}}},
        {"rate_limits": {"start": 5}},
        {"rate_limits": ["start"]},
        {"max_members": -1},
        {"max_agents": 2**40},
        {"max_api_keys": True},
    ],
    ids=str,
)
def test_a_plan_must_make_sense(wrong: dict[str, object]) -> None:
    wish: dict[str, Any] = {"code": "sense", "name": "Sense", **wrong}
    with pytest.raises(InvalidParameter) as refused:
        services.create_plan(actor=SYSTEM, **wish)
    assert set(refused.value.details or {}) == set(wrong)
