"""What a plan allows is used up: one more is refused, to everybody at once, and to agents never."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import requests

from attachments.tests import hostile
from attachments.tests.sending import upload
from billing import limits
from billing import services as billing
from billing.metering import samples
from channels_telegram.tests.cases import open_case
from tenants import use_counters, use_limits
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.redis_client import redis_client
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server, acme, new_server
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer, Socket, arrive, new_address
from tests.operator import operator_of
from tests.waiting import wait_until

__all__ = ["acme", "new_server"]

MANY = 50
MESSAGES, STARTS = "max_messages_per_month", "max_starts_per_day"


def sell(server: Server, *, hard: bool = True, grace: str = "none", **counts: int) -> Any:
    """Put the server's tenant on a plan with these limits of use."""
    plan = billing.create_plan(
        code=uuid4().hex,
        name="Small",
        actor=SYSTEM,
        hard_limits=list(counts) if hard else [],
        grace=grace,
        **counts,
    )
    with tenant_scope(server.tenant.pk) as tenant:
        billing.assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)
    return plan


def customer_of(server: Server) -> Customer:
    return arrive(server.base_url, tenant=server.tenant.slug)


def try_to_send(customer: Customer, web: str, **body: str) -> requests.Response:
    return customer.call("POST", "messages", web=web, json={"text": "Hello", **body})


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What everybody gets who calls at the same moment."""
    barrier = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def forget_counters(server: Server) -> None:
    """As when Redis was emptied."""
    for key in redis_client().scan_iter(f"*:use:{server.tenant.pk}:*"):
        redis_client().delete(key)


@pytest.mark.parametrize("is_counted", [True, False], ids=["counted", "Redis was emptied"])
def test_of_fifty_sends_at_one_below_the_limit_one_gets_through(
    stage: Stage, acme: Server, is_counted: bool
) -> None:
    sell(acme, max_messages_per_month=3)
    customers = [customer_of(acme) for _ in range(MANY)]
    customers[0].send("One")
    customers[1].send("Two")
    if not is_counted:
        forget_counters(acme)
    webs = (stage.web, stage.second_web)
    answers = at_once(
        [
            partial(try_to_send, customer, webs[number % 2])
            for number, customer in enumerate(customers)
        ]
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 402: MANY - 1}
    refused = next(answer for answer in answers if answer.status_code == 402)
    details = assert_refused(refused, 402, "over_limit")["details"]
    assert (details["name"], details["limit"], details["used"]) == (MESSAGES, 3, 3)
    assert details["resets_at"].endswith("-01T00:00:00.000Z")


def test_of_fifty_sockets_at_one_below_the_limit_one_gets_through(
    stage: Stage, acme: Server
) -> None:
    sell(acme, max_messages_per_month=1)
    webs = (stage.web, stage.second_web)
    sockets = [customer_of(acme).socket(webs[number % 2]) for number in range(MANY)]

    def say(socket: Socket) -> str:
        socket.say("Hello")
        frame = socket.next_that(lambda frame: "seq" in frame or "error" in frame)
        return str(frame.get("error", "stored"))

    outcomes = at_once([partial(say, socket) for socket in sockets])
    assert Counter(outcomes) == {"stored": 1, "over_limit": MANY - 1}
    for socket in sockets:
        socket.close()


def test_of_many_starts_no_more_get_through_than_there_is_room_for(
    stage: Stage, acme: Server
) -> None:
    sell(acme, max_starts_per_day=3)

    def start(web: str) -> int:
        return requests.post(
            f"{web}/v1/conversations/start",
            json={},
            params={"t": acme.tenant.slug},
            headers={"X-Forwarded-For": new_address()},
            timeout=60,
        ).status_code

    webs = (stage.web, stage.second_web)
    statuses = at_once([partial(start, webs[number % 2]) for number in range(20)])
    assert Counter(statuses) == {200: 3, 402: 17}


def test_open_conversations_are_limited_and_those_that_run_go_on(acme: Server) -> None:
    sell(acme, max_active_conversations=1)
    first = customer_of(acme)
    with pytest.raises(AssertionError, match="max_active_conversations"):
        customer_of(acme)
    first.send("I am still here")


def test_a_raised_plan_is_noticed_by_the_next_call_of_every_process(
    stage: Stage, acme: Server
) -> None:
    plan = sell(acme, max_messages_per_month=1)
    customer = customer_of(acme)
    customer.send("One")
    for web in (stage.web, stage.second_web):
        assert_refused(try_to_send(customer, web), 402, "over_limit")
    billing.update_plan(plan=plan, actor=SYSTEM, max_messages_per_month=3)
    for web in (stage.web, stage.second_web):
        assert try_to_send(customer, web).status_code == 200
    for web in (stage.web, stage.second_web):
        assert_refused(try_to_send(customer, web), 402, "over_limit")


def test_a_number_of_the_tenants_own_goes_before_the_plans(acme: Server) -> None:
    sell(acme, max_messages_per_month=1)
    customer = customer_of(acme)
    customer.send("One")
    assert_refused(try_to_send(customer, acme.base_url), 402, "over_limit")
    with tenant_scope(acme.tenant.pk) as tenant:
        billing.override_limit(tenant=tenant, limit=Limit.MESSAGES, value=None, actor=SYSTEM)
    customer.send("Two")
    with tenant_scope(acme.tenant.pk) as tenant:
        billing.remove_override(tenant=tenant, limit=Limit.MESSAGES, actor=SYSTEM)
    assert_refused(try_to_send(customer, acme.base_url), 402, "over_limit")


def test_a_message_that_was_stored_before_is_answered_as_before(acme: Server) -> None:
    sell(acme, max_messages_per_month=1)
    customer = customer_of(acme)
    first = customer.send("One", client_id="mine")
    assert customer.send("One", client_id="mine") == first
    assert_refused(try_to_send(customer, acme.base_url, client_id="other"), 402, "over_limit")


def test_what_is_refused_for_another_reason_uses_nothing_up(acme: Server) -> None:
    sell(acme, max_messages_per_month=1)
    customer, blocked = customer_of(acme), customer_of(acme)
    acme.post(f"conversations/{blocked.conversation_id}/block")
    for _ in range(3):
        assert_refused(try_to_send(blocked, acme.base_url), 403, "conversation_blocked")
    customer.send("One")


def test_agents_answer_and_claim_beyond_every_limit(acme: Server) -> None:
    sell(
        acme,
        max_messages_per_month=1,
        max_starts_per_day=1,
        max_active_conversations=1,
        max_api_calls_per_month=1,
    )
    customer = customer_of(acme)
    customer.send("One")
    assert_refused(try_to_send(customer, acme.base_url), 402, "over_limit")
    agent = acme.post("agents", {"channel_user_id": "7", "display_name": "Ana"}).json()
    path = f"conversations/{customer.conversation_id}"
    assert acme.post(f"{path}/claim", {"agent_id": agent["id"]}).status_code == 200
    for number in range(3):
        assert acme.post(f"{path}/messages", {"text": f"Answer {number}"}).status_code == 201
    assert len(customer.call("GET", "messages").json()["messages"]) >= 4
    assert acme.post(f"{path}/close").status_code == 200
    samples.take_sample(acme.tenant.pk)
    details = assert_refused(acme.get("agents"), 402, "over_limit")["details"]
    assert (details["name"], details["used"]) == ("max_api_calls_per_month", 6)


def test_files_of_agents_reach_the_customer_when_there_is_no_room_for_more(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    with tenant_scope(default_tenant.pk) as tenant:
        billing.override_limit(tenant=tenant, limit=Limit.STORAGE_BYTES, value=1, actor=SYSTEM)
    try:
        refused = upload(case.customer, hostile.photo_that_tells())
        assert assert_refused(refused, 402, "over_limit")["details"]["limit"] == 1
        case.write("Ana", "See this", kind="photo")
        wait_until(
            lambda: [one for one in case.customer.history()["messages"] if one.get("attachments")],
            "the agent's file",
        )
    finally:
        with tenant_scope(default_tenant.pk) as tenant:
            billing.remove_override(tenant=tenant, limit=Limit.STORAGE_BYTES, actor=SYSTEM)


def test_a_full_tenant_is_no_sick_one(stage: Stage, default_tenant: Tenant) -> None:
    limit = Limit.ACTIVE_CONVERSATIONS
    with tenant_scope(default_tenant.pk) as tenant:
        billing.override_limit(tenant=tenant, limit=limit, value=0, actor=SYSTEM)
    try:
        found = operator_of(stage).get("/v1/admin/health/deep")
    finally:
        with tenant_scope(default_tenant.pk) as tenant:
            billing.remove_override(tenant=tenant, limit=limit, actor=SYSTEM)
    assert (found["startOk"], found["errors"]) == (True, [])


def test_ten_percent_of_grace_are_served_and_then_no_more(acme: Server) -> None:
    sell(acme, grace="ten_percent", max_messages_per_month=10)
    customer = customer_of(acme)
    for number in range(11):
        customer.send(f"Line {number}")
    details = assert_refused(try_to_send(customer, acme.base_url), 402, "over_limit")["details"]
    assert (details["limit"], details["used"]) == (10, 11)


def test_three_days_of_grace_end(acme: Server) -> None:
    sell(acme, grace="three_days", max_messages_per_month=1)
    customer = customer_of(acme)
    for number in range(4):
        customer.send(f"Line {number}")
    (key,) = redis_client().scan_iter(f"*:use:{acme.tenant.pk}:{MESSAGES}:*")
    redis_client().hincrby(key, "crossed", -3 * 86_400)
    assert_refused(try_to_send(customer, acme.base_url), 402, "over_limit")


def test_a_limit_that_is_not_hard_refuses_nothing(acme: Server) -> None:
    sell(acme, hard=False, max_messages_per_month=1)
    customer = customer_of(acme)
    for number in range(3):
        customer.send(f"Line {number}")
    assert acme.get("agents").headers[f"X-Usage-{MESSAGES}"] == "3/1"


def test_answers_say_what_is_nearly_used_up(acme: Server) -> None:
    sell(acme, hard=False, max_messages_per_month=5, max_starts_per_day=100)
    customer = customer_of(acme)
    for number in range(3):
        customer.send(f"Line {number}")
    assert not [name for name in acme.get("agents").headers if name.startswith("X-Usage-")]
    customer.send("Line 4")
    headers = acme.get("agents").headers
    assert headers[f"X-Usage-{MESSAGES}"] == "4/5"
    assert f"X-Usage-{STARTS}" not in headers


def test_api_calls_are_counted_and_refused(acme: Server) -> None:
    sell(acme, max_api_calls_per_month=3)
    for _ in range(3):
        assert acme.get("agents").status_code == 200
    details = assert_refused(acme.get("agents"), 402, "over_limit")["details"]
    assert (details["name"], details["limit"]) == ("max_api_calls_per_month", 3)
    # Written down by beat, they are known also after Redis was emptied.
    samples.take_sample(acme.tenant.pk)
    forget_counters(acme)
    assert_refused(acme.get("agents"), 402, "over_limit")


def test_a_neighbours_limit_is_another_one(new_server: Callable[[], Server], acme: Server) -> None:
    sell(acme, max_messages_per_month=1)
    customer, other = customer_of(acme), customer_of(new_server())
    customer.send("One")
    assert_refused(try_to_send(customer, acme.base_url), 402, "over_limit")
    for number in range(3):
        other.send(f"Line {number}")


def test_the_team_is_told_once_in_the_groups_root(stage: Stage, acme: Server) -> None:
    from outbox.models import OutboxItem

    sell(acme, hard=False, max_messages_per_month=5)
    customer = customer_of(acme)
    for number in range(4):
        customer.send(f"Line {number}")
    for _ in range(2):
        limits.note_reached_by(acme.tenant.pk)
    customer.send("The last one")
    for _ in range(2):
        limits.note_reached_by(acme.tenant.pk)
    with tenant_scope(acme.tenant.pk):
        posts = OutboxItem.objects.filter(kind="telegram.post_in_general")
        assert [post.payload["text"] for post in posts.order_by("pk")] == [
            "Your plan: 4 of 5 messages from customers a month are used (80 %).",
            "Your plan: 5 of 5 messages from customers a month are used (100 %).",
        ]


def test_while_redis_is_away_the_database_is_asked(
    acme: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(acme, max_messages_per_month=1)
    with tenant_scope(acme.tenant.pk):
        pass  # From here on this process knows the plan.
    monkeypatch.setattr(use_counters._breaker, "_open_until", float("inf"))
    with use_limits.room_for(acme.tenant.pk, Limit.MESSAGES) as room:
        assert room.refusal is None
    customer_of(acme).send("One")
    with use_limits.room_for(acme.tenant.pk, Limit.MESSAGES) as room:
        assert room.refusal is not None
