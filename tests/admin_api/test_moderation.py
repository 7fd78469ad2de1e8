"""Closing, blocking and deleting, as customers and agents see it."""

from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from channels_telegram.models import MessageLink, Topic
from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from conversations.models import Conversation, Message, SystemMessageSent
from outbox.models import OutboxItem
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.operator import operator_of

DELETE = "/v1/admin/conversations/bulk-delete"


def deleted_there(case: Case) -> None:
    """The topic of the case is gone, in Telegram too."""
    case.stage.simulator.wait_for_call(
        "deleteForumTopic", thread_id=case.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
    assert case.stage.group.topic(case.thread_id) is None


def test_closing_says_goodbye_and_closes_the_topic(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    operator = operator_of(stage)
    id_ = case.customer.conversation_id
    closed = {"ok": True, "id": id_, "status": "CLOSED"}
    assert operator.post("/v1/moderation/close", id=id_) == closed
    assert socket.next()["direction"] == "OUTBOUND"
    assert socket.next() == {"type": "conversation_closed"}
    stage.group.wait_until_topic(case.thread_id, is_closed=True, timeout_seconds=TIMEOUT_SECONDS)
    assert operator.post("/v1/moderation/close", id=id_.upper()) == closed
    assert len(case.history()) == 2
    assert operator.get(f"/v1/conversations/{id_}")["assignedAgentName"] == "Ana"


def test_blocking_stops_the_customer(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    operator = operator_of(stage)
    id_ = case.customer.conversation_id
    blocked = {"ok": True, "id": id_, "status": "BLOCKED"}
    assert operator.post("/v1/moderation/block", id=id_) == blocked
    assert operator.post("/v1/moderation/block", id=id_) == blocked
    refused = case.customer.call("POST", "messages", json={"text": "let me in"})
    assert_refused(refused, 403, "conversation_blocked")
    # Blocked is more than closed, and stays so.
    assert operator.post("/v1/moderation/close", id=id_) == blocked


@pytest.mark.parametrize("what", ["close", "block"])
@pytest.mark.parametrize("id_", [None, "", "x", 7, [], "0193d6a0-7c55-7cc1-8d1e-0f1f5a0c9a1"])
def test_moderation_wants_an_id(stage: Stage, what: str, id_: object) -> None:
    operator = operator_of(stage)
    body = {} if id_ is None else {"id": id_}
    answer = operator.call("POST", f"/v1/moderation/{what}", json=body)
    error = assert_refused(answer, 400, "invalid_parameter")
    assert list(error["details"]) == ["id"]
    answer = operator.call("POST", f"/v1/moderation/{what}", json={"id": str(uuid4())})
    assert_refused(answer, 404, "conversation_not_found")


def test_deleting_leaves_nothing(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim("Ana")
    case.write("Ana", "Hello, what can I do?")
    socket = case.customer.socket(query="&after=1")
    socket.next_where(text="Hello, what can I do?")
    id_ = case.customer.conversation_id

    assert operator_of(stage).post(DELETE, ids=[id_, id_, str(uuid4())]) == {"deleted": 1}
    deleted_there(case)
    with pytest.raises(ConnectionClosed):
        socket.next()
    with pytest.raises(InvalidStatus):
        case.customer.socket()
    assert_refused(case.customer.call("GET", "messages"), 404, "conversation_not_found")
    sent = case.customer.call("POST", "messages", json={"text": "hello?"})
    assert_refused(sent, 404, "conversation_not_found")
    with tenant_scope(default_tenant.pk) as tenant:
        assert not Conversation.objects.filter(tenant=tenant, pk=id_).exists()
        for model in (Message, Topic, SystemMessageSent):
            assert not model.objects.filter(tenant=tenant, conversation_id=id_).exists()
        assert not MessageLink.objects.filter(tenant=tenant, message__conversation_id=id_).exists()
        effects = OutboxItem.objects.filter(tenant=tenant, ordering_key=f"telegram:{id_}")
        assert {effect.kind for effect in effects} == {"telegram.delete_topic"}
        entry = AuditEntry.objects.get(tenant=tenant, action="conversation.deleted", object_id=id_)
        assert (entry.actor_kind, entry.actor_id) == ("system", "service token")
    # Whoever writes in the topic at this moment reaches nobody, and nothing breaks.
    assert operator_of(stage).post(DELETE, ids=[id_]) == {"deleted": 0}


def test_a_status_deletes_those_who_have_it(stage: Stage) -> None:
    operator = operator_of(stage)
    cases = [open_case(stage) for _ in range(3)]
    stays, closed, blocked = (case.customer.conversation_id for case in cases)
    operator.post("/v1/moderation/close", id=closed)
    operator.post("/v1/moderation/block", id=blocked)
    assert operator.post(DELETE, status="closed")["deleted"] >= 1
    deleted_there(cases[1])
    assert operator.get("/v1/conversations", status="closed") == []
    assert operator.get(f"/v1/conversations/{stays}")["status"] == "OPEN_UNCLAIMED"
    assert operator.get(f"/v1/conversations/{blocked}")["status"] == "BLOCKED"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"status": "closd"}, "status"),
        ({"status": ""}, "status"),
        ({"status": None}, "status"),
        ({"status": ["closed"]}, "status"),
        ({"statuss": "closed"}, "ids"),
        ({"status": "closed", "ids": []}, "ids"),
        ({"ids": "all"}, "ids"),
        ({"ids": None}, "ids"),
        ({"ids": []}, "ids"),
    ],
)
def test_a_mistyped_deletion_deletes_nothing(
    stage: Stage, body: dict[str, object], field: str
) -> None:
    visitor = stage.customer()
    operator = operator_of(stage)
    operator.post("/v1/moderation/close", id=visitor.conversation_id)
    answer = operator.call("POST", DELETE, json=body)
    error = assert_refused(answer, 400, "invalid_parameter")
    assert list(error["details"]) == [field]
    assert operator.get(f"/v1/conversations/{visitor.conversation_id}")["status"] == "CLOSED"


def test_a_mistyped_id_is_passed_over(stage: Stage) -> None:
    visitor = stage.customer()
    odd: list[object] = ["x", "", None, 7, ["y"], {}, visitor.conversation_id[:-1], str(uuid4())]
    assert operator_of(stage).post(DELETE, ids=odd) == {"deleted": 0}
    assert operator_of(stage).post(DELETE, ids=[*odd, visitor.conversation_id]) == {"deleted": 1}


def test_a_few_hundred_go_in_batches(stage: Stage, default_tenant: Tenant) -> None:
    with tenant_scope(default_tenant.pk) as tenant:
        rows = Conversation.objects.bulk_create(
            Conversation(tenant=tenant, codename=f"Grey Heron #{n}") for n in range(250)
        )
    ids = [str(row.pk) for row in rows]
    operator = operator_of(stage)
    assert operator.post(DELETE, ids=[*ids[:101], str(uuid4())]) == {"deleted": 101}
    assert operator.post(DELETE, status="open")["deleted"] >= 149
    assert operator.get("/v1/conversations", status="open") == []


def test_as_many_ids_as_a_body_holds_are_dealt_with(stage: Stage) -> None:
    visitor = stage.customer()
    strangers = [str(uuid4()) for _ in range(6_000)]
    answer = operator_of(stage).post(DELETE, ids=[*strangers, visitor.conversation_id])
    assert answer == {"deleted": 1}
