"""A tenant's server works beside the agents in Telegram: customers and agents see all of it."""

from itertools import count

import pytest
import requests

from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import history, new_agent, path, visit
from tests.answers import assert_refused
from tests.conftest import Stage

_telegram_ids = count(990_001)


@pytest.fixture
def case(stage: Stage) -> Case:
    """A customer who has written, and their topic."""
    return open_case(stage)


def agent(server: Server, name: str) -> str:
    """A new agent's id."""
    found: str = new_agent(server, name, next(_telegram_ids))["id"]
    return found


def test_a_reply_reaches_the_customer_and_the_topic(shop: Server, case: Case) -> None:
    toms = agent(shop, "Toms")
    socket = case.customer.socket()
    claimed = shop.post(path(case.customer, "claim"), {"agent_id": toms}).json()
    assert (claimed["status"], claimed["assigned_agent"]["display_name"]) == (
        *("OPEN_ASSIGNED", "Toms"),
    )
    assert socket.next_where(type="agent_joined")["agent"] == "Toms"
    answer = shop.post(path(case.customer, "messages"), {"text": " We do. ", "agent_id": toms})
    assert answer.status_code == 201
    said = answer.json()
    assert (said["text"], said["direction"]) == ("We do.", "OUTBOUND")
    assert (said["agent_id"], said["agent_name"]) == (toms, "Toms")
    frame = socket.next_message(timeout_seconds=TIMEOUT_SECONDS)
    assert (frame["text"], frame["agent"]) == ("We do.", "Toms")
    assert case.customer.history()["messages"][-1]["id"] == said["id"]
    case.told("Toms (by API): We do.")
    texts = case.texts()
    assert texts.index("Toms has claimed this conversation.") < texts.index("Toms (by API): We do.")
    assert case.texts().count("Toms (by API): We do.") == 1
    assert shop.get(path(case.customer)).json()["status"] == "AWAITING_CUSTOMER"


def test_a_long_reply_is_whole_in_the_topic(shop: Server, case: Case) -> None:
    toms = agent(shop, "Toms")
    text = "word " * 799 + "end"
    shop.post(path(case.customer, "messages"), {"text": text, "agent_id": toms, "claim": True})
    case.told("word end")
    assert text in "".join(case.texts())


def test_nobody_answers_where_nobody_has_claimed(shop: Server, case: Case) -> None:
    toms, inga = agent(shop, "Toms"), agent(shop, "Inga")
    before = case.history()
    for reply in (
        {"text": "Hi"},
        {"text": "Hi", "agent_id": toms},
        {"text": "Hi", "agent_name": "A"},
    ):
        refused = shop.post(path(case.customer, "messages"), reply)
        assert_refused(refused, 409, "conversation_not_claimed")
    assert case.history() == before
    claiming = {"text": "Hi", "agent_id": toms, "claim": True}
    assert shop.post(path(case.customer, "messages"), claiming).status_code == 201
    case.told("Toms has claimed this conversation.")
    refused = shop.post(path(case.customer, "messages"), {**claiming, "agent_id": inga})
    assert_refused(refused, 409, "conversation_already_claimed")
    shop.post(path(case.customer, "close"))
    refused = shop.post(path(case.customer, "messages"), claiming)
    assert_refused(refused, 409, "conversation_not_claimable")


def test_the_label_is_as_asked_for(acme: Server) -> None:
    mara, ana, ben = visit(acme), agent(acme, "Ana"), agent(acme, "Ben")
    acme.post(path(mara, "claim"), {"agent_id": ana})
    for wish, label, agent_id in (
        ({}, "Ana", None),
        ({"agent_id": ben}, "Ben", ben),
        ({"agent_name": " Night  team "}, "Night team", None),
    ):
        said = acme.post(path(mara, "messages"), {"text": "Hello", **wish}).json()
        assert (said["agent_name"], said["agent_id"]) == (label, agent_id)
        assert history(mara)[-1]["agent"] == label


def test_a_reply_that_cannot_be_meant_is_refused(acme: Server) -> None:
    mara, ana = visit(acme), agent(acme, "Ana")
    acme.post(path(mara, "claim"), {"agent_id": ana})
    for reply, code, field in (
        ({}, "invalid_parameter", "text"),
        ({"text": 1}, "invalid_parameter", "text"),
        ({"text": " "}, "invalid_text", "text"),
        ({"text": "x" * 4001}, "text_too_long", "text"),
        ({"text": "a\x00"}, "invalid_parameter", "text"),
        ({"text": "a", "agent_id": "ana"}, "invalid_parameter", "agent_id"),
        ({"text": "a", "agent_id": ana, "agent_name": "Ben"}, "invalid_parameter", "agent_name"),
        ({"text": "a", "agent_name": "x" * 65}, "invalid_parameter", "agent_name"),
        ({"text": "a", "claim": True}, "invalid_parameter", "agent_id"),
        ({"text": "a", "claim": "yes"}, "invalid_parameter", "claim"),
    ):
        refused = acme.post(path(mara, "messages"), reply)
        details = assert_refused(refused, 400, code)["details"]
        assert field in (*details, details.get("field")), reply


def test_the_same_reply_again_is_said_once(acme: Server) -> None:
    mara, ana = visit(acme), agent(acme, "Ana")
    reply = {"text": "Hello", "agent_id": ana, "claim": True}
    first = acme.post(path(mara, "messages"), reply, Idempotency_Key="hello")
    again = acme.post(path(mara, "messages"), reply, Idempotency_Key="hello")
    assert first.json() == again.json()
    assert [m["text"] for m in history(mara)].count("Hello") == 1


def test_a_colleague_takes_over(shop: Server, case: Case) -> None:
    toms, inga = agent(shop, "Toms"), agent(shop, "Inga")
    shop.post(path(case.customer, "claim"), {"agent_id": toms})
    same = shop.post(path(case.customer, "claim"), {"agent_id": toms})
    assert same.status_code == 200
    refused = shop.post(path(case.customer, "claim"), {"agent_id": inga})
    assert_refused(refused, 409, "conversation_already_claimed")
    taken = shop.post(path(case.customer, "claim"), {"agent_id": inga, "take_over": True})
    assert taken.json()["assigned_agent"]["id"] == inga
    case.told("Inga has taken over from Toms.")


def test_closing_and_reopening_show_in_the_topic(shop: Server, case: Case) -> None:
    socket = case.customer.socket()
    assert shop.post(path(case.customer, "close")).json()["status"] == "CLOSED"
    assert shop.post(path(case.customer, "close")).json()["status"] == "CLOSED"
    socket.next_where(type="conversation_closed")
    # At once, while the topic may still be about to be closed.
    reopened = shop.post(path(case.customer, "reopen")).json()
    assert (reopened["status"], reopened["assigned_agent"]) == ("OPEN_UNCLAIMED", None)
    case.stage.simulator.wait_for_call(
        "reopenForumTopic", thread_id=case.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
    topic = case.stage.group.topic(case.thread_id)
    assert topic is not None
    assert not topic.is_closed


def test_a_blocked_customer_writes_no_more(shop: Server, case: Case) -> None:
    assert shop.post(path(case.customer, "block")).json()["status"] == "BLOCKED"
    case.told("The customer is blocked")
    refused = case.customer.call("POST", "messages", json={"text": "hello?"})
    assert_refused(refused, 403, "conversation_blocked")
    assert shop.post(path(case.customer, "reopen")).json()["status"] == "OPEN_UNCLAIMED"
    case.customer.send("hello again")


def test_a_step_takes_no_fields(acme: Server) -> None:
    mara = visit(acme)
    for step in ("close", "reopen", "block", "erase"):
        refused = acme.post(path(mara, step), {"agent_id": "x"})
        assert_refused(refused, 400, "invalid_parameter")
    assert_refused(acme.post(path(mara, "claim")), 400, "invalid_parameter")
    assert acme.get(path(mara)).json()["status"] == "OPEN_UNCLAIMED"


def test_a_conversation_moves_into_another_topic(shop: Server, case: Case, stage: Stage) -> None:
    # A topic whose own conversation has gone without it.
    other = open_case(stage)
    taken = shop.post(path(case.customer, "thread"), {"thread_id": str(other.thread_id)})
    assert_refused(taken, 409, "thread_in_use")
    moved = shop.post(path(other.customer, "thread"), {"thread_id": 2_000_000_001})
    assert moved.json()["thread_id"] == "2000000001"
    moved = shop.post(path(case.customer, "thread"), {"thread_id": str(other.thread_id)})
    assert moved.json()["thread_id"] == str(other.thread_id)
    again = shop.post(path(case.customer, "thread"), {"thread_id": str(other.thread_id)})
    assert again.json() == moved.json()
    other.told(f"This topic belongs to {case.customer.codename} now.")
    case.customer.send("Still here")
    other.told(": Still here")
    assert ": Still here" not in "".join(case.texts())
    other.press(
        "Ana",
        other.stage.group.wait_for_message(
            case.customer.codename,
            other.thread_id,
            button="Claim",
            timeout_seconds=TIMEOUT_SECONDS,
        ),
        "Claim",
    )
    case.wait_for_status("OPEN_ASSIGNED")
    # The one that was sent to a topic that is none gets a new one.
    other.customer.send("And me")
    stage.simulator.wait_for_call("createForumTopic", timeout_seconds=TIMEOUT_SECONDS)


def test_only_a_topic_of_the_own_group_will_do(acme: Server, shop: Server, case: Case) -> None:
    mara = visit(acme)
    refused = acme.post(path(mara, "thread"), {"thread_id": 12})
    assert_refused(refused, 409, "no_telegram_channel")
    for thread_id in ("1", 0, -5, 2**31, "12a", "1" * 65, None, True):
        refused = shop.post(path(case.customer, "thread"), {"thread_id": thread_id})
        error = assert_refused(refused, 400, "invalid_parameter")
        assert list(error["details"]) == ["thread_id"]


def test_what_was_taken_back_leaves_its_number(shop: Server, case: Case) -> None:
    case.claim()
    written = case.write("Ana", "Wrong window")
    case.write("Ana", "/del", reply_to=written.message_id)
    case.told("Deleted: ")
    gone = shop.get(path(case.customer, "messages")).json()["data"][-1]
    assert (gone["seq"], gone["text"], gone["attachments"]) == (2, "", [])
    assert gone["deleted_at"] is not None
    exported = shop.get(path(case.customer, "export.json")).json()
    assert [message["seq"] for message in exported["messages"]] == [1]


def test_a_program_bans_and_lifts_it(shop: Server, case: Case) -> None:
    assert shop.post(path(case.customer, "ban")).json()["status"] == "BLOCKED"
    assert shop.post(path(case.customer, "ban")).status_code == 200, "once more counts from now"
    start = f"{shop.base_url}/v1/conversations/start"
    address = {"X-Forwarded-For": case.customer.address}
    refused = requests.post(start, json={}, headers=address, timeout=30)
    assert_refused(refused, 403, "conversation_blocked")
    assert shop.delete(path(case.customer, "ban")).json()["status"] == "OPEN_UNCLAIMED"
    assert requests.post(start, json={}, headers=address, timeout=30).status_code == 200
