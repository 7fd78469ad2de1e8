"""Many at once do not get past what the tenant's plan allows."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from billing import services as billing
from conversations.models import Agent
from tenants.api_keys.models import ApiKey
from tenants.audit import SYSTEM
from tenants.invitations.models import Invitation
from tenants.models import Member
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server, acme, new_server
from tests.answers import assert_refused

__all__ = ["acme", "new_server"]

MANY = 12


def sell(server: Server, **limits: Any) -> None:
    """Put the server's tenant on a plan with these limits."""
    plan = billing.create_plan(code=uuid4().hex, name="Small", actor=SYSTEM, **limits)
    with tenant_scope(server.tenant.pk) as tenant:
        billing.assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)


def at_once(call: Callable[[int], Any]) -> Counter[int]:
    """How often each status was answered when everybody calls at the same moment."""
    barrier = Barrier(MANY)

    def one(number: int) -> Any:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(one, range(MANY)))
    for answer in answers:
        if answer.status_code >= 400:
            assert_refused(answer, 402, "over_limit")
    return Counter(answer.status_code for answer in answers)


def test_keys(acme: Server) -> None:
    # One key is there already: the one that calls.
    sell(acme, max_api_keys=5)
    wish = {"name": "Flood", "scopes": ["audit:read"]}
    assert at_once(lambda _: acme.post("api-keys", wish)) == {201: 4, 402: MANY - 4}
    with tenant_scope(acme.tenant.pk):
        assert ApiKey.objects.count() == 5
    refused = assert_refused(acme.post("api-keys", wish), 402, "over_limit")
    assert refused["details"] == {
        "name": "max_api_keys",
        "limit": 5,
        "used": 5,
        "resets_at": None,
    }


def test_members(acme: Server) -> None:
    sell(acme, max_members=3)
    people = [f"{uuid4().hex}@example.com" for _ in range(MANY)]

    def add(number: int) -> Any:
        return acme.post("members", {"email": people[number], "role": "viewer"})

    assert at_once(add) == {201: 3, 402: MANY - 3}
    with tenant_scope(acme.tenant.pk):
        assert Invitation.objects.count() == 3
        assert not Member.objects.exists()


def test_agents(acme: Server) -> None:
    sell(acme, max_agents=3)

    def register(number: int) -> Any:
        return acme.post(
            "agents", {"channel_user_id": f"{number + 1}", "display_name": f"Ana {number}"}
        )

    assert at_once(register) == {201: 3, 402: MANY - 3}
    with tenant_scope(acme.tenant.pk):
        assert Agent.objects.count() == 3


def test_agents_who_are_shown_again(acme: Server) -> None:
    with tenant_scope(acme.tenant.pk) as tenant:
        ids = [
            Agent.objects.create(
                tenant=tenant, channel_user_id=f"{number + 1}", display_name="Ana", is_enabled=False
            ).pk
            for number in range(MANY)
        ]
    sell(acme, max_agents=2)
    shown = at_once(lambda number: acme.patch(f"agents/{ids[number]}", {"is_enabled": True}))
    assert shown == {200: 2, 402: MANY - 2}


@pytest.mark.parametrize("overlap", [0, 60])
def test_a_key_can_be_rotated_where_no_other_one_fits(acme: Server, overlap: int) -> None:
    sell(acme, max_api_keys=2)
    wish = {"name": "Shop", "scopes": ["audit:read"]}
    made = acme.post("api-keys", wish).json()
    path = f"api-keys/{made['id']}/rotate"
    assert acme.post(path, {"overlap_seconds": overlap}).status_code in (200, 201)
    assert_refused(acme.post("api-keys", wish), 402, "over_limit")


def test_room_that_has_been_made_can_be_used(acme: Server) -> None:
    sell(acme, max_api_keys=2, max_agents=1)
    wish = {"name": "Shop", "scopes": ["audit:read"]}
    made = acme.post("api-keys", wish).json()
    assert_refused(acme.post("api-keys", wish), 402, "over_limit")
    assert acme.delete(f"api-keys/{made['id']}").status_code in (200, 204)
    assert acme.post("api-keys", wish).status_code == 201
    ana = acme.post("agents", {"channel_user_id": "1", "display_name": "Ana"}).json()
    ben = {"channel_user_id": "2", "display_name": "Ben"}
    assert_refused(acme.post("agents", ben), 402, "over_limit")
    assert acme.post("agents", {"channel_user_id": "1", "display_name": "Anna"}).status_code == 200
    acme.patch(f"agents/{ana['id']}", {"is_enabled": False})
    assert acme.post("agents", ben).status_code == 201
    assert_refused(acme.patch(f"agents/{ana['id']}", {"is_enabled": True}), 402, "over_limit")


def test_a_looser_rate_limit_than_the_plans(acme: Server) -> None:
    start = {"start": {"points": 10, "duration_seconds": 60}}
    sell(acme, rate_limits=start)
    shown = acme.get("settings/rl.start.points").json()
    assert (shown["value"], shown["default"], shown["is_own"]) == (10, 10, False)
    refused = acme.put("settings/rl.start.points", {"value": 0})
    error = assert_refused(refused, 402, "over_limit")
    assert (error["details"]["name"], error["details"]["limit"]) == ("rl.start.points", 10)
    assert acme.put("settings/rl.start.points", {"value": 9}).json()["value"] == 9
