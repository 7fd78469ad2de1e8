"""The operator sells limits: plans are made, changed, and given to tenants."""

from typing import Any
from uuid import uuid4

import pytest
import requests

from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.platform_api.test_platform import Operator

START = {"start": {"points": 2, "duration_seconds": 600}}


@pytest.fixture
def operator(stage: Stage, committed_db: None) -> Operator:
    """Whoever runs the installation."""
    return Operator(stage.web)


def new_plan(operator: Operator, **limits: Any) -> str:
    """The code of a plan made just now."""
    code = f"team-{uuid4().hex[:12]}"
    answer = operator.call("POST", "plans", {"code": code, "name": "Team", **limits})
    assert answer.status_code == 201, answer.text
    return code


def test_a_plan_is_made_read_and_changed(operator: Operator) -> None:
    code = new_plan(operator, rate_limits=START, max_members=5)
    made = operator.call("GET", f"plans/{code}").json()
    assert (made["code"], made["name"], made["rate_limits"]) == (code, "Team", START)
    assert (made["max_members"], made["max_agents"], made["max_api_keys"]) == (5, None, None)
    assert code in {row["code"] for row in operator.call("GET", "plans").json()["data"]}
    change: dict[str, object] = {
        "name": "Team, larger",
        "max_members": None,
        "max_agents": 9,
        "rate_limits": {},
    }
    changed = operator.call("PATCH", f"plans/{code}", change).json()
    assert changed | change == changed
    assert operator.call("GET", f"plans/{code}").json() == changed


def test_a_tenant_gets_a_plan_and_feels_it_at_once(operator: Operator) -> None:
    slug, code = operator.new_tenant(), new_plan(operator, rate_limits=START)
    assert operator.call("GET", f"tenants/{slug}/plan").json() == {"tenant": slug, "plan": None}
    given = operator.call("PUT", f"tenants/{slug}/plan", {"plan": code})
    assert given.json() == {"tenant": slug, "plan": code}
    assert operator.call("GET", f"tenants/{slug}/plan").json() == given.json()

    def start() -> requests.Response:
        headers = {"X-Forwarded-For": address}
        address_of_start = f"{operator.web}/v1/conversations/start?t={slug}"
        return requests.post(address_of_start, headers=headers, timeout=30)

    address = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    assert [start().status_code for _ in range(3)] == [200, 200, 429]
    assert operator.call("PUT", f"tenants/{slug}/plan", {"plan": None}).json()["plan"] is None
    # Starts are refused before they meet the tenant: another request of it brings the news.
    operator.call("GET", f"tenants/{slug}/plan")
    assert start().status_code == 200
    with tenant_scope(Tenant.objects.get(slug=slug).pk):
        trail = AuditEntry.objects.filter(action="plan.assigned").order_by("at")
        assert list(trail.values_list("changes", flat=True)) == [
            {"plan": [None, code]},
            {"plan": [code, None]},
        ]


def test_what_is_wrong_is_said_by_field(operator: Operator) -> None:
    slug, code = operator.new_tenant(), new_plan(operator)
    one = {"points": 1, "duration_seconds": 1}
    for method, path, body, field in (
        ("POST", "plans", {"code": "Team 20", "name": "T"}, "code"),
        ("POST", "plans", {"code": "team\0", "name": "T"}, "code"),
        ("POST", "plans", {"code": "team-20"}, "name"),
        ("PATCH", f"plans/{code}", {"rate_limits": {"coffee": one}}, "rate_limits"),
        ("PATCH", f"plans/{code}", {"rate_limits": {"start": {"points": 1}}}, "rate_limits"),
        ("PATCH", f"plans/{code}", {"rate_limits": {"ws": one | {"points": -1}}}, "rate_limits"),
        ("PATCH", f"plans/{code}", {"max_agents": -1}, "max_agents"),
        ("PATCH", f"plans/{code}", {"max_agents": 10**30}, "max_agents"),
        ("PATCH", f"plans/{code}", {"code": "other"}, "field"),
        ("PUT", f"tenants/{slug}/plan", {}, "plan"),
        ("PUT", f"tenants/{slug}/plan", {"plan": 5}, "plan"),
    ):
        error = assert_refused(operator.call(method, path, body), 400, "invalid_parameter")
        assert field in error["details"], error


def test_codes_are_taken_once_and_unknown_ones_are_unknown(operator: Operator) -> None:
    slug, code = operator.new_tenant(), new_plan(operator)
    again = operator.call("POST", "plans", {"code": code, "name": "Again"})
    assert_refused(again, 409, "plan_code_taken")
    for method, path, body in (
        ("GET", "plans/no-such-plan", None),
        ("PATCH", "plans/no-such-plan", {"name": "X"}),
        ("PUT", f"tenants/{slug}/plan", {"plan": "no-such-plan"}),
    ):
        assert_refused(operator.call(method, path, body), 404, "plan_not_found")
    for method in ("GET", "PUT"):
        answer = operator.call(method, "tenants/nobody-here/plan", {"plan": code})
        assert_refused(answer, 404, "tenant_not_found")


def test_a_tenant_gets_a_limit_of_its_own(operator: Operator) -> None:
    slug = f"bakery-{uuid4().hex[:12]}"
    operator.call("POST", "tenants", {"slug": slug, "name": "Bakery"})
    code = new_plan(operator, max_messages_per_month=5, hard_limits=["max_messages_per_month"])
    operator.call("PUT", f"tenants/{slug}/plan", {"plan": code})
    path = f"tenants/{slug}/limits/max_messages_per_month"
    assert operator.call("GET", path).json()["limit"] == 5
    for value in (50, 0, None):
        shown = operator.call("PUT", path, {"value": value}).json()
        assert (shown["limit"], shown["used"], shown["is_hard"]) == (value, 0, True)
    assert operator.call("DELETE", path).json()["limit"] == 5
    refused = operator.call("GET", f"tenants/{slug}/limits/max_wishes")
    assert_refused(refused, 400, "invalid_parameter")


@pytest.mark.parametrize(
    ("field", "value"), [("hard_limits", ["max_members"]), ("grace", "for_ever")]
)
def test_what_refuses_is_a_limit_of_use(operator: Operator, field: str, value: object) -> None:
    plan = {"code": f"team-{uuid4().hex}", "name": "Team", field: value}
    assert_refused(operator.call("POST", "plans", plan), 400, "invalid_parameter")
