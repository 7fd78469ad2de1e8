"""Who gets a conversation, and who only hears about it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, frames_until, new_agent, open_case
from telegram_simulator.seen import SeenPress
from tenants.models import Tenant
from tests.cast import Desk
from tests.conftest import Stage


def test_twenty_agents_press_at_once_and_one_wins(stage: Stage) -> None:
    case = open_case(stage)
    socket = case.customer.socket()
    agents = {new_agent(stage, f"Agent{number}"): f"Agent{number}" for number in range(20)}

    def press(agent: int) -> SeenPress:
        return stage.group.press(agent, case.controls.message_id, "Claim")

    with ThreadPoolExecutor(max_workers=20) as threads:
        presses = list(threads.map(press, agents))
    answers = {agents[pressed.user_id]: case.answer(pressed) for pressed in presses}
    case.settled()

    winners = [name for name, told in answers.items() if "has claimed" in told]
    assert len(winners) == 1
    (winner,) = winners
    assert set(answers.values()) == {
        f"{winner} has claimed this conversation.",
        f"{winner} has this conversation.",
    }
    case.told(f"{winner} has claimed this conversation.")
    case.told(f"{winner} has this conversation.", button="Take over")
    frames = frames_until(socket, "who is it?", case)
    assert [frame for frame in frames if frame.get("type") == "agent_joined"] == [
        {"type": "agent_joined", "agent": "Support"}
    ]
    said = case.texts()
    assert len([text for text in said if "has claimed" in text]) == 1
    assert len([text for text in said if "has this conversation" in text]) == 1


def test_taking_over(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    assert case.press("Greg", case.controls, "Claim") == "Ana has this conversation."
    notice = case.told("Ana has this conversation.", button="Take over")

    case.press("Greg", notice, "Take over")
    case.told("Greg has taken over from Ana.")
    assert socket.next_where(type="agent_joined")
    assert case.press("Greg", case.controls, "Claim") == texts.CLAIMED_ALREADY_YOURS
    # The old button still means what it says, for whoever has it now.
    case.press("Ana", notice, "Take over")
    case.told("Ana has taken over from Greg.")


def test_typed_claims_of_what_another_agent_has_share_one_answer(stage: Stage) -> None:
    case = open_case(stage)
    case.write("Ana", "/claim")
    case.told("Ana has claimed this conversation.")
    case.write("Ana", "/claim")
    case.told(texts.CLAIMED_ALREADY_YOURS)
    for who in ("Greg", new_agent(stage, "Mia"), "Greg"):
        case.write(who, "/claim")
    case.settled()
    case.told("Ana has this conversation.", button="Take over")
    # Once more is said, the button is offered again where everybody looks.
    case.customer.send("still there?")
    case.told(": still there?")
    case.write("Greg", "/claim")
    case.told("Ana has this conversation.", button="Take over", count=2)
    assert len([text for text in case.texts() if "has this conversation" in text]) == 2


def test_a_press_that_comes_twice_claims_once(stage: Stage) -> None:
    case = open_case(stage)
    first = stage.group.press("Ana", case.controls.message_id, "Claim")
    assert "has claimed" in case.answer(first)
    stage.group.press("Ana", case.controls.message_id, resend_of=first.id)
    case.settled()
    case.customer.send("still there?")
    case.told(": still there?")
    assert len([text for text in case.texts() if "has claimed" in text]) == 1


@pytest.mark.parametrize("way", ["button", "command"])
def test_claiming_a_closed_conversation_reopens_it(
    stage: Stage, default_tenant: Tenant, way: str
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    case.write("Ana", "/close")
    closed = case.told("Closed by Ana")
    stage.group.wait_until_topic(case.thread_id, is_closed=True)
    socket = case.customer.socket()
    if way == "button":
        assert "Greg has claimed" in case.press("Greg", case.controls, "Claim")
    else:
        case.write("Greg", "/claim")
    case.told("Greg has claimed this conversation.", after=closed.message_id)
    assert socket.next_where(key="conversation_reopened")
    assert socket.next_where(type="agent_joined")
    stage.group.wait_until_topic(case.thread_id, is_closed=False)
    assert case.status == "OPEN_ASSIGNED"
    case.write("Greg", "Here I am again.")
    assert socket.next_where(direction="OUTBOUND")["text"] == "Here I am again."


def test_a_claim_right_after_closing_leaves_the_topic_open(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    before = stage.simulator.last_call
    stage.simulator.add_fault(
        "slow", method="closeForumTopic", times=1, thread_id=case.thread_id, delay_ms=1500
    )
    case.write("Ana", "/close")
    case.write("Ana", "/claim")
    assert socket.next_where(type="agent_joined")
    stage.simulator.wait_for_call(
        "reopenForumTopic", thread_id=case.thread_id, after=before, timeout_seconds=30
    )
    stage.group.wait_until_topic(case.thread_id, is_closed=False)
    assert case.status == "OPEN_ASSIGNED"


def test_of_many_who_claim_a_closed_conversation_one_wins(stage: Stage) -> None:
    case = open_case(stage)
    case.write("Ana", "/close")
    stage.group.wait_until_topic(case.thread_id, is_closed=True)
    socket = case.customer.socket()
    agents = [new_agent(stage, f"Late{number}") for number in range(8)]

    def press(agent: int) -> SeenPress:
        return stage.group.press(agent, case.controls.message_id, "Claim")

    with ThreadPoolExecutor(max_workers=8) as threads:
        presses = list(threads.map(press, agents))
    answers = [case.answer(pressed) for pressed in presses]
    assert len([told for told in answers if "has claimed" in told]) == 1
    frames = frames_until(socket, "who is it?", case)
    assert len([frame for frame in frames if frame.get("type") == "agent_joined"]) == 1
    assert len([one for one in frames if one.get("key") == "conversation_reopened"]) == 1


def test_blocked_conversations_cannot_be_claimed(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    desk = Desk(case.customer.conversation_id, tenant=default_tenant)
    desk.close()
    case.told("Closed")
    assert case.press("Greg", case.controls, "Close") == texts.CLOSED_ALREADY
    assert case.status == "CLOSED"

    desk.block()
    case.told(texts.BLOCKED_NOW)
    assert case.press("Greg", case.controls, "Claim") == texts.BLOCKED_CANNOT_CLAIM
    assert case.press("Greg", case.controls, "Close") == texts.BLOCKED_CANNOT_CLOSE
    case.write("Greg", "/claim")
    case.told(texts.BLOCKED_CANNOT_CLAIM)
    case.write("Greg", "/close")
    case.told(texts.BLOCKED_CANNOT_CLOSE)
    assert case.status == "BLOCKED"


FORGED = [
    "claim:{other}",
    "takeover:{other}",
    "close:{other}",
    "claim:2f0e5ad0-7d0f-4c3e-8a35-0a8f1d2b3c4d",
    "claim:",
    "claim",
    ":",
    "",
    "delete:{own}",
    "CLAIM:{own}",
    "claim:{own} ",
    "claim:{own}:x",
    "claim:not-a-uuid",
    "🦊" * 16,
]


@pytest.mark.parametrize("data", FORGED)
def test_forged_data_does_nothing_but_get_an_answer(
    stage: Stage, data: str, two_cases: tuple[Case, Case]
) -> None:
    case, other = two_cases
    data = data.format(own=case.customer.conversation_id, other=other.customer.conversation_id)
    assert case.press("Greg", case.controls, data=data) == texts.BUTTON_OUTDATED
    assert (case.status, other.status) == ("OPEN_UNCLAIMED", "OPEN_UNCLAIMED")


@pytest.fixture(scope="module")
def two_cases(stage: Stage) -> tuple[Case, Case]:
    """Two conversations that nobody has claimed."""
    return open_case(stage), open_case(stage)


def press_elsewhere(case: Case, **message: Any) -> dict[str, Any]:
    """A press on this conversation's button, under a message that is somewhere else."""
    return {
        "id": str(uuid4().int)[:18],
        "from": {"id": 7002, "is_bot": False, "first_name": "Greg"},
        "chat_instance": "1",
        "data": f"claim:{case.customer.conversation_id}",
        "message": {"message_id": case.controls.message_id, "date": 1700000000, **message},
    }


@pytest.mark.parametrize(
    "place",
    [
        {"chat": {"id": -1009999999999, "type": "supergroup"}},
        {"chat": {"id": 7002, "type": "private"}},
        {"chat": {"id": -1001234567890, "type": "supergroup"}},
        {"chat": {"id": -1001234567890, "type": "supergroup"}, "message_thread_id": 999_999},
    ],
)
def test_buttons_of_other_places_do_nothing(
    stage: Stage, two_cases: tuple[Case, Case], place: dict[str, Any]
) -> None:
    case, other = two_cases
    places = [place, {**place, "is_topic_message": True}]
    if place["chat"]["id"] != -1001234567890:
        # The right thread number, in the wrong chat.
        places.append({**place, "message_thread_id": case.thread_id, "is_topic_message": True})
    else:
        # Another conversation's topic.
        places.append({**place, "message_thread_id": other.thread_id, "is_topic_message": True})
    for one in places:
        before = stage.simulator.last_call
        stage.simulator.send_update(
            stage.group.bot_id, "callback_query", press_elsewhere(case, **one)
        )
        (answer,) = stage.simulator.wait_for_call("answerCallbackQuery", after=before)
        assert answer.params["text"] == texts.BUTTON_OUTDATED
    assert case.status == "OPEN_UNCLAIMED"


def test_a_button_whose_message_is_gone(stage: Stage) -> None:
    case = open_case(stage)
    controls = case.controls
    stage.group.delete_message(controls.message_id)
    data = f"claim:{case.customer.conversation_id}"
    assert case.press("Ana", controls, data=data) == texts.BUTTON_OUTDATED
    assert case.status == "OPEN_UNCLAIMED"
