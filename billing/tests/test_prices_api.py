"""The operator says what plans cost."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from billing.services import create_plan
from tenants.audit import SYSTEM


@pytest.fixture
def plan(committed_db: None) -> str:
    """The code of a new plan."""
    return create_plan(code=f"team-{uuid4().hex[:20]}", name="Team", actor=SYSTEM).code


def call(method: str, path: str, body: object = None) -> Any:
    """A call of the operator's."""
    content: dict[str, Any] = {} if body is None else {"data": body}
    answer = getattr(Client(), method)(
        f"/v2/platform/plans/{path}",
        content_type="application/json",
        headers={"X-Internal-Auth": settings.SERVICE_TOKEN},
        **content,
    )
    connection.close()
    return answer


def test_a_price_is_set_changed_and_listed(plan: str) -> None:
    assert call("get", f"{plan}/prices").json() == []
    made = call("put", f"{plan}/prices/month", {"currency": "eur", "amount": 1900})
    assert made.json() == {
        "interval": "month",
        "currency": "eur",
        "amount": 1900,
        "trial_days": 0,
        "is_offered": True,
        "lookup_key": f"{plan}:month",
    }
    change = {"currency": "eur", "amount": 2100, "trial_days": 14, "is_offered": False}
    changed = call("put", f"{plan}/prices/month", change).json()
    assert changed | change == changed
    assert call("get", f"{plan}/prices").json() == [changed]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("prices/week", {"currency": "eur", "amount": 1}, 400),
        ("prices/month", {"currency": "EUR", "amount": 1}, 400),
        ("prices/month", {"currency": "eur", "amount": 0}, 400),
        ("prices/month", {"currency": "eur", "amount": 1, "cost": 1}, 400),
    ],
)
def test_what_cannot_be_a_price_is_refused(
    plan: str, path: str, body: dict[str, object], status: int
) -> None:
    assert call("put", f"{plan}/{path}", body).status_code == status
    assert call("get", f"{plan}/prices").json() == []


def test_an_unknown_plan_has_no_prices(committed_db: None) -> None:
    assert call("get", "no-such-plan/prices").status_code == 404
