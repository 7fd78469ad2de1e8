"""Telegram answers badly, late or not at all: delays and never drops, order kept per topic."""

from typing import Any

import pytest

from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from telegram_simulator.seen import SeenCall
from tests.conftest import Stage


def calls_to_the_group(stage: Stage, after: int) -> list[SeenCall]:
    calls = stage.simulator.calls(after=after)
    return [call for call in calls if call.chat_id == stage.group.chat_id]


def say(case: Case, *lines: str) -> None:
    for line in lines:
        case.customer.send(line)


def assert_in_order(case: Case, *lines: str, repeated: str = "") -> None:
    """The agents see every line, in order; only `repeated` may be there twice."""
    case.told(f": {lines[-1]}")
    seen = case.customer_lines()[1:]
    if repeated and seen.count(repeated) == 2:
        seen.remove(repeated)
    assert seen == list(lines)


def test_retry_after_holds_the_whole_group(rough: Stage) -> None:
    case, other = open_case(rough), open_case(rough)
    before = rough.simulator.last_call
    rough.simulator.add_fault("flood", method="sendMessage", retry_after=2)
    say(case, "a")
    (refused,) = rough.simulator.wait_for_call("sendMessage", after=before, status=429)
    say(case, "b", "c")
    say(other, "x", "y")
    newcomer = rough.customer()
    newcomer.send("new here")
    other.write("Ana", "/help")

    assert_in_order(case, "a", "b", "c")
    assert_in_order(other, "x", "y")
    other.told("/claim takes")
    rough.group.wait_for_topic(newcomer.codename, timeout_seconds=TIMEOUT_SECONDS)
    later = [call for call in calls_to_the_group(rough, before) if call.seq > refused.seq]
    assert min(call.at for call in later) >= refused.at + 2
    assert all(call.ok for call in later)


def test_buttons_are_answered_while_the_group_is_held(rough: Stage) -> None:
    case = open_case(rough)
    before = rough.simulator.last_call
    rough.simulator.add_fault("flood", method="sendMessage", retry_after=2)
    say(case, "a")
    (refused,) = rough.simulator.wait_for_call("sendMessage", after=before, status=429)
    assert "claimed" in case.press("Ana", case.controls, "Claim")
    (answer,) = rough.simulator.calls("answerCallbackQuery", after=before)
    assert answer.at < refused.at + 2
    assert_in_order(case, "a")
    case.told("has claimed")


FAULTS: list[dict[str, Any]] = [
    {"kind": "error", "name": "server_error"},
    {"kind": "html"},
    {"kind": "timeout"},
    {"kind": "reset"},
    {"kind": "slow", "delay_ms": 700, "times": 2},
    {"kind": "error", "name": "server_error", "after_effect": True},
    {"kind": "timeout", "after_effect": True},
    {"kind": "reset", "after_effect": True},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_a_failing_post_is_repeated_in_its_place(rough: Stage, fault: dict[str, Any]) -> None:
    case, other = open_case(rough), open_case(rough)
    rough.simulator.add_fault(method="sendMessage", thread_id=case.thread_id, **fault)
    say(case, "a", "b", "c")
    # Other conversations do not wait for it.
    say(other, "x")
    assert_in_order(other, "x")
    assert_in_order(case, "a", "b", "c", repeated="a" if fault.get("after_effect") else "")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "name": "server_error", "times": 2},
        {"kind": "error", "status": 400, "description": "Bad Request: SOMETHING_NEW"},
        {"kind": "reset"},
        {"kind": "timeout"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_topics_that_cannot_be_made_are_tried_again(rough: Stage, fault: dict[str, Any]) -> None:
    before = rough.simulator.last_call
    rough.simulator.add_fault(method="createForumTopic", **fault)
    customers = [rough.customer() for _ in range(3)]
    for line in ("first", "second"):
        for customer in customers:
            customer.send(f"{line} of {customer.codename}")
    for customer in customers:
        topic = rough.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
        case = Case(rough, customer, topic, "")
        case.told(": second of")
        assert case.customer_lines() == [
            f"first of {customer.codename}",
            f"second of {customer.codename}",
        ]
        assert "Claim" in rough.group.messages(topic.thread_id)[0].buttons
    # Each failure costs one call, and nothing goes astray into the group's root.
    tries = rough.simulator.calls("createForumTopic", after=before)
    assert len(tries) == len(customers) + fault.get("times", 1)
    posts = rough.simulator.calls("sendMessage", after=before)
    assert all(call.thread_id for call in posts)


def test_what_telegram_will_never_take_holds_nothing_up(rough: Stage) -> None:
    case = open_case(rough)
    rough.simulator.add_fault(
        "error", method="sendMessage", status=400, description="Bad Request: NEVER"
    )
    say(case, "a", "b")
    case.told(": b")
    assert case.customer_lines()[1:] == ["b"]
    assert '"is_dead": true' in rough.worker.wait_for_log("Bad Request: NEVER")
    assert case.history() == [case.first_line, "a", "b"]


def test_titles_and_closings_survive_failures_too(rough: Stage) -> None:
    case = open_case(rough)
    for method in ("editForumTopic", "closeForumTopic", "reopenForumTopic"):
        rough.simulator.add_fault("error", method=method, name="server_error")
    case.write("Ana", "/codename Steady Owl")
    case.write("Ana", "/close")
    rough.group.wait_until_topic(
        case.thread_id, name="Steady Owl", is_closed=True, timeout_seconds=TIMEOUT_SECONDS
    )
    case.customer.send("back again")
    case.told("Steady Owl: back again", button="Claim")
    rough.group.wait_until_topic(case.thread_id, is_closed=False)
