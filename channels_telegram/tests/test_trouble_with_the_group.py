"""Topics deleted, the group moved, the bot thrown out: repaired, or said and waited for."""

from collections.abc import Callable

import pytest

from channels_telegram.api_errors import (
    ChatLost,
    NeedsAttention,
    NotAForum,
    RightsMissing,
    TokenRevoked,
)
from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from tests.conftest import BOT_TOKEN, CHAT_ID, Stage


def new_topic(case: Case, count: int = 2) -> Case:
    """The same conversation in the topic that has replaced its own."""
    group, codename = case.stage.group, case.customer.codename

    def look() -> bool:
        named = [one for one in group.topics(deleted=True) if one.name == codename]
        return len(named) >= count

    case.stage.simulator.wait_for(look, f"topic {count} of {codename}", TIMEOUT_SECONDS)
    (alive,) = [one for one in group.topics() if one.name == codename]
    return Case(case.stage, case.customer, alive, case.first_line)


@pytest.mark.parametrize("answer", ["thread_not_found", "topic_deleted"])
def test_a_deleted_topic_is_made_once_more(rough: Stage, answer: str) -> None:
    rough.simulator.set_server_options(deleted_topic_answer=answer)
    case = open_case(rough)
    case.claim("Ana")
    rough.group.delete_topic("Ana", case.thread_id)
    lines = [f"line {number}" for number in range(8)]
    for line in lines:
        case.customer.send(line)

    again = new_topic(case)
    again.told(": line 7")
    assert "Claim" in rough.group.messages(again.thread_id)[0].buttons
    assert again.customer_lines() == lines
    again.write("Ana", "I am still here")
    again.settled()
    assert again.history()[-1] == "I am still here"


def test_a_topic_that_is_gone_before_its_controls(rough: Stage) -> None:
    rough.simulator.add_fault("error", method="sendMessage", name="thread_not_found")
    customer = rough.customer()
    customer.send("hello")
    rough.group.wait_for_topic(customer.codename, count=2, timeout_seconds=TIMEOUT_SECONDS)
    topic = rough.group.wait_for_topic(customer.codename, count=2)
    rough.group.wait_for_message(": hello", topic.thread_id)
    assert "Claim" in rough.group.messages(topic.thread_id)[0].buttons


def test_closing_and_renaming_a_deleted_topic_harms_nobody(rough: Stage) -> None:
    case = open_case(rough)
    rough.group.delete_topic("Ana", case.thread_id)
    answer = case.customer.call("PATCH", "name", json={"name": "Mara"})
    assert answer.status_code == 200
    rough.simulator.wait_for_call("editForumTopic", status=400, thread_id=case.thread_id)
    case.customer.send("still here")
    topic = rough.group.wait_for_topic(f"Mara — {case.customer.codename}")
    rough.group.wait_for_message("Mara: still here", topic.thread_id)


def test_a_closed_topic_is_opened_for_what_has_to_be_said(rough: Stage) -> None:
    case = open_case(rough)
    before = rough.simulator.last_call
    rough.simulator.add_fault(
        "error", method="sendMessage", name="topic_closed", thread_id=case.thread_id
    )
    case.customer.send("a")
    case.told(": a")
    calls = [
        call for call in rough.simulator.calls(after=before) if call.thread_id == case.thread_id
    ]
    assert [(call.method, call.status) for call in calls] == [
        ("sendMessage", 400),
        ("reopenForumTopic", 400),  # it was open, as it happens
        ("sendMessage", 200),
    ]


def test_a_topic_that_stays_closed_is_reported(rough: Stage) -> None:
    case = open_case(rough)
    fault = rough.simulator.add_fault(
        "error", method="sendMessage", name="topic_closed", times=None
    )
    case.customer.send("a")
    assert '"channel_on_hold"' in rough.worker.wait_for_log(RightsMissing.advice)
    case.customer.send("b")
    rough.simulator.remove_fault(fault)
    case.told(": b")
    assert case.customer_lines()[1:] == ["a", "b"]


def break_rights(stage: Stage) -> None:
    stage.group.set_bot_rights([])


def kick(stage: Stage) -> None:
    stage.group.kick_bot()


def invite(stage: Stage) -> None:
    stage.group.add_bot()


def revoke(stage: Stage) -> None:
    stage.simulator.revoke_token(stage.group.bot_id)


def give_token_back(stage: Stage) -> None:
    stage.simulator.seed(bots=[{"token": BOT_TOKEN, "username": "chatorical_bot"}])


def topics_off(stage: Stage) -> None:
    stage.group.switch_topics(on=False)


def topics_on(stage: Stage) -> None:
    stage.group.switch_topics(on=True)


Change = Callable[[Stage], None]
BROKEN: list[tuple[Change, Change, type[NeedsAttention], list[str]]] = [
    (break_rights, invite, RightsMissing, []),
    (kick, invite, ChatLost, []),
    # Telegram's word about our rights is late: the next probe has to find out.
    (break_rights, invite, RightsMissing, ["my_chat_member"]),
    (kick, invite, ChatLost, ["my_chat_member"]),
    (revoke, give_token_back, TokenRevoked, []),
    (topics_off, topics_on, NotAForum, []),
]


@pytest.mark.parametrize(("damage", "repair", "trouble", "held"), BROKEN)
def test_a_broken_channel_says_why_waits_and_goes_on(
    rough: Stage,
    damage: Change,
    repair: Change,
    trouble: type[NeedsAttention],
    held: list[str],
) -> None:
    case = open_case(rough)
    rough.simulator.set_delivery(held_kinds=held)
    damage(rough)
    newcomer = rough.customer()
    newcomer.send("anybody?")
    assert '"channel_on_hold"' in rough.worker.wait_for_log(trouble.advice)
    case.customer.send("a")
    case.customer.send("b")
    repair(rough)

    topic = rough.group.wait_for_topic(newcomer.codename, timeout_seconds=TIMEOUT_SECONDS)
    rough.group.wait_for_message(": anybody?", topic.thread_id)
    case.told(": b")
    assert case.customer_lines()[1:] == ["a", "b"]


def test_nothing_stays_in_the_open_when_topics_are_switched_off(rough: Stage) -> None:
    case, other = open_case(rough), open_case(rough)
    public = rough.group.texts()
    topics_off(rough)
    case.customer.send("private matter")
    rough.worker.wait_for_log(NotAForum.advice)
    before = rough.simulator.last_call
    other.customer.send("another private matter")
    rough.simulator.wait_for_call("getChat", after=before, count=2)
    assert rough.group.texts() == public
    assert not rough.simulator.calls("sendMessage", after=before)
    topics_on(rough)
    case.told(": private matter")
    other.told(": another private matter")


@pytest.mark.parametrize("learns_by", ["service message", "error"])
def test_an_upgraded_group_is_adopted(rough: Stage, learns_by: str) -> None:
    case = open_case(rough)
    case.claim("Ana")
    before = rough.simulator.last_call
    if learns_by == "error":
        rough.simulator.set_delivery(held_kinds=["message"])
    rough.group = rough.group.upgrade()
    assert rough.group.chat_id != CHAT_ID
    if learns_by == "service message":
        case.settled()
    case.customer.send("did you move?")
    case.customer.send("hello?")

    topic = rough.group.wait_for_topic(case.customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    moved = Case(rough, case.customer, topic, case.first_line)
    moved.told(": hello?")
    rough.simulator.set_delivery(held_kinds=[])
    assert moved.customer_lines() == ["did you move?", "hello?"]
    assert "Claim" in rough.group.messages(topic.thread_id)[0].buttons
    moved.write("Ana", "Yes, over here.")
    moved.settled()
    assert moved.history()[-1] == "Yes, over here."
    refused = [call for call in rough.simulator.calls(after=before) if call.status == 400]
    assert len(refused) == (1 if learns_by == "error" else 0)
    open_case(rough)
