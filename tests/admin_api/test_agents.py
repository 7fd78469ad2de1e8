"""Who answers, and under which name."""

from itertools import count
from typing import Any

import pytest

from channels_telegram.tests.cases import open_case
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.operator import Operator, operator_of

UPSERT, DISABLE, ENABLE = (f"/v1/admin/agents/{word}" for word in ("upsert", "disable", "enable"))
_ids = count(9_007_199_254_740_001 - 2_000_000)


def listed(operator: Operator, tg_id: int) -> dict[str, Any]:
    """The agent as the list shows them."""
    [row] = [row for row in operator.get("/v1/admin/agents") if row["tgId"] == str(tg_id)]
    found: dict[str, Any] = row
    return found


def test_an_agent_is_registered_and_renamed(stage: Stage, default_tenant: Tenant) -> None:
    operator, tg_id = operator_of(stage), next(_ids)
    made = operator.post(UPSERT, tgId=tg_id, displayName="  Ana   from support ")
    assert set(made) == {"tgId", "displayName", "isEnabled", "isActive", "createdAt", "updatedAt"}
    assert (
        made
        | {
            "tgId": str(tg_id),
            "displayName": "Ana from support",
            "isEnabled": True,
            "isActive": True,
        }
        == made
    )
    assert listed(operator, tg_id) == made
    renamed = operator.post(UPSERT, tgId=str(tg_id), displayName="Anna")
    assert renamed["createdAt"] == made["createdAt"]
    assert listed(operator, tg_id)["displayName"] == "Anna"
    with tenant_scope(default_tenant.pk) as tenant:
        entries = AuditEntry.objects.filter(
            tenant=tenant, action="agent.registered", actor_id="service token"
        )
        assert [entry.changes["display_name"] for entry in entries.order_by("id")][-2:] == [
            "Ana from support",
            "Anna",
        ]


def test_disabling_hides_the_name_from_customers(stage: Stage) -> None:
    operator = operator_of(stage)
    case = open_case(stage)
    tg_id = stage.group.id_of("Greg")
    operator.post(UPSERT, tgId=tg_id, displayName="Gregor")
    assert operator.post(DISABLE, tgId=tg_id)["isEnabled"] is False
    assert operator.post(DISABLE, tgId=tg_id)["isActive"] is False
    assert operator.post(DISABLE, tgId=str(tg_id))["isEnabled"] is False
    case.claim("Greg")
    socket = case.customer.socket()
    case.write("Greg", "Hello")
    assert socket.next_where(text="Hello")["agent"] == "Support"
    assert operator.post(ENABLE, tgId=tg_id)["isEnabled"] is True
    case.write("Greg", "Hello again")
    assert socket.next_where(text="Hello again")["agent"] == "Gregor"
    operator.post(UPSERT, tgId=tg_id, displayName="Greg")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"displayName": "Ana"}, "tgId"),
        ({"tgId": None, "displayName": "Ana"}, "tgId"),
        ({"tgId": "", "displayName": "Ana"}, "tgId"),
        ({"tgId": "@ana", "displayName": "Ana"}, "tgId"),
        ({"tgId": -5, "displayName": "Ana"}, "tgId"),
        ({"tgId": 0, "displayName": "Ana"}, "tgId"),
        ({"tgId": 1.5, "displayName": "Ana"}, "tgId"),
        ({"tgId": True, "displayName": "Ana"}, "tgId"),
        ({"tgId": "9" * 30, "displayName": "Ana"}, "tgId"),
        ({"tgId": "٣٤", "displayName": "Ana"}, "tgId"),
        ({"tgId": 5}, "displayName"),
        ({"tgId": 5, "displayName": "  "}, "displayName"),
        ({"tgId": 5, "displayName": None}, "displayName"),
        ({"tgId": 5, "displayName": 7}, "displayName"),
        ({"tgId": 5, "displayName": "x" * 65}, "displayName"),
        ({"tgId": 5, "displayName": "a\x00b"}, "displayName"),
        ({"tgId": 5, "displayName": "a\ud800b"}, "displayName"),
        ({"tgId": 5, "displayName": "a\u202eb"}, "displayName"),
    ],
)
def test_what_is_no_agent_is_refused(stage: Stage, body: dict[str, Any], field: str) -> None:
    error = assert_refused(
        operator_of(stage).call("POST", UPSERT, json=body), 400, "invalid_parameter"
    )
    assert list(error["details"]) == [field]
    assert "5" not in [row["tgId"] for row in operator_of(stage).get("/v1/admin/agents")]


def test_a_stranger_can_be_neither_disabled_nor_enabled(stage: Stage) -> None:
    for path in (DISABLE, ENABLE):
        answer = operator_of(stage).call("POST", path, json={"tgId": next(_ids)})
        assert_refused(answer, 404, "agent_not_found")
        answer = operator_of(stage).call("POST", path, json={})
        assert_refused(answer, 400, "invalid_parameter")


def test_agents_have_no_closing_texts_any_more(stage: Stage) -> None:
    assert operator_of(stage).get("/v1/admin/agents/closing-messages") == []
    for method in ("GET", "POST"):
        answer = operator_of(stage).call(method, "/v1/admin/agents/closing-message", json={})
        error = assert_refused(answer, 410, "gone")
        assert "message-templates" in error["message"]
