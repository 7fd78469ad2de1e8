"""Three days of grace end, and begin anew only where the limit is another one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from billing import limits, services
from billing.metering.totals import Totals
from billing.models import LimitReached, Plan
from conversations import services as conversations
from tenants import use_limits
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tenants.use_limits import Period

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def tenant() -> Tenant:
    """A customer company."""
    return create_tenant(slug=f"bakery-{uuid4().hex[:12]}", name="Bakery", actor=SYSTEM)


def sell(tenant: Tenant, **counts: int) -> Plan:
    """Put the tenant on a plan with these hard limits."""
    plan = services.create_plan(
        code=f"team-{uuid4().hex}",
        name="Team",
        actor=SYSTEM,
        hard_limits=list(counts),
        grace="three_days",
        **counts,
    )
    with tenant_scope(tenant.pk) as scoped:
        services.assign_plan(tenant=scoped, code=plan.code, actor=SYSTEM)
    return plan


def note(tenant: Tenant, limit: Limit, period: date, at: datetime, allowed: int = 1) -> None:
    """As beat noted it then."""
    reached: dict[str, Any] = {"used": allowed, "allowed": allowed, "percent": 100}
    with tenant_scope(tenant.pk) as scoped:
        LimitReached.objects.create(
            tenant=scoped, limit=limit.value, period=period, at=at, **reached
        )


def is_refused(tenant: Tenant, limit: Limit) -> bool:
    """Whether one more is."""
    with use_limits.room_for(tenant.pk, limit) as room:
        return room.refusal is not None


@pytest.mark.parametrize(("days", "refused"), [([0, 1, 2, 3], True), ([0, 2, 3], False)])
def test_a_daily_limit_is_kept_after_three_days_in_a_row(
    tenant: Tenant, days: list[int], refused: bool
) -> None:
    sell(tenant, max_starts_per_day=1)
    now = timezone.now()
    for day in days:
        at = now - day * DAY - timedelta(minutes=1)
        note(tenant, Limit.STARTS, (now - day * DAY).astimezone(UTC).date(), at)
    with tenant_scope(tenant.pk) as scoped:
        conversations.start_conversation(tenant=scoped, customer_name="", locale="en")
    assert is_refused(tenant, Limit.STARTS) is refused


def test_a_new_month_does_not_begin_the_days_anew(tenant: Tenant) -> None:
    """The files were too many before it began, and still are."""
    first = datetime(2026, 12, 1, tzinfo=UTC)
    crossed = datetime(2026, 11, 20, tzinfo=UTC)
    note(tenant, Limit.STORAGE_BYTES, date(2026, 11, 1), crossed)
    note(tenant, Limit.STORAGE_BYTES, date(2026, 12, 1), first + timedelta(minutes=1))
    period = Period.of(Limit.STORAGE_BYTES, first)
    with tenant_scope(tenant.pk) as scoped:
        assert Totals().crossed_at(scoped, Limit.STORAGE_BYTES, period) == crossed


def test_who_was_below_as_the_month_began_has_the_days_anew(tenant: Tenant) -> None:
    again = datetime(2026, 12, 5, tzinfo=UTC)
    note(tenant, Limit.STORAGE_BYTES, date(2026, 11, 1), datetime(2026, 11, 20, tzinfo=UTC))
    note(tenant, Limit.STORAGE_BYTES, date(2026, 12, 1), again)
    period = Period.of(Limit.STORAGE_BYTES, again)
    with tenant_scope(tenant.pk) as scoped:
        assert Totals().crossed_at(scoped, Limit.STORAGE_BYTES, period) == again


def test_another_number_is_told_anew_and_has_its_own_days(tenant: Tenant) -> None:
    plan = sell(tenant, max_messages_per_month=1)
    month = Period.of(Limit.MESSAGES, timezone.now()).begin.date()
    note(tenant, Limit.MESSAGES, month, timezone.now() - 5 * DAY)
    with tenant_scope(tenant.pk) as scoped:
        made = conversations.start_conversation(tenant=scoped, customer_name="", locale="en")
        for _ in range(2):
            conversations.add_customer_message(tenant=scoped, conversation_id=made.pk, text="Hi")
    assert is_refused(tenant, Limit.MESSAGES)
    services.update_plan(plan=plan, actor=SYSTEM, max_messages_per_month=2)
    use_limits.recount(tenant.pk)
    assert not is_refused(tenant, Limit.MESSAGES)
    assert limits.note_reached_by(tenant.pk) == 2, "80 and 100 percent of the new number"
    services.update_plan(plan=plan, actor=SYSTEM, name="The same number")
    assert limits.note_reached_by(tenant.pk) == 0
