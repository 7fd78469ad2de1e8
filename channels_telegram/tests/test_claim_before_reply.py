"""What agents write does not reach customers before somebody has claimed."""

from typing import Any

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, frames_until, open_case
from tenants.models import Tenant
from tests.cast import Desk
from tests.conftest import Stage

SECRET = "INTERNAL"


def assert_unheard(case: Case, frames: list[dict[str, Any]]) -> None:
    """Nothing of it on the socket, nothing in the history."""
    assert SECRET not in str(frames)
    assert SECRET not in str(case.customer.history())
    assert not [frame for frame in frames if frame.get("direction") == "OUTBOUND"]


def test_unclaimed(stage: Stage) -> None:
    case = open_case(stage)
    socket = case.customer.socket()
    case.write("Ana", f"{SECRET} text")
    notice = case.told(texts.NOT_CLAIMED, button="Claim")
    case.write("Ana", f"{SECRET} caption", kind="photo")
    case.write("Ana", "", kind="voice")
    case.settled()
    assert_unheard(case, frames_until(socket, "hello?", case))

    # The notice's own button is enough to go on.
    assert "claimed" in case.press("Ana", notice, "Claim")
    case.write("Ana", "Yes, we do.")
    assert socket.next_where(direction="OUTBOUND")["text"] == "Yes, we do."


def test_closed(stage: Stage) -> None:
    case = open_case(stage)
    case.claim()
    case.write("Ana", "/close")
    case.told("Closed by Ana")
    case.wait_for_status("CLOSED")
    before = case.customer.history()
    socket = case.customer.socket()
    case.write("Ana", f"{SECRET} text")
    case.told(texts.NOT_OPEN)
    assert case.customer.history() == before
    frames = frames_until(socket, "one more thing", case)
    assert SECRET not in str(frames)
    case.write("Ana", f"{SECRET} again")
    case.told(texts.NOT_CLAIMED)
    assert SECRET not in str(case.customer.history())


def test_blocked(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim()
    Desk(case.customer.conversation_id, tenant=default_tenant).block()
    case.told(texts.BLOCKED_NOW)
    before = case.customer.history()
    socket = case.customer.socket()
    case.write("Ana", f"{SECRET} text")
    case.told(texts.BLOCKED)
    assert case.customer.history() == before
    socket.say("let me in")
    assert socket.next() == {"error": "message rejected"}


def test_after_a_claim_everything_goes_through_in_order(stage: Stage) -> None:
    case = open_case(stage)
    case.claim()
    socket = case.customer.socket()
    lines = [f"line {number}" for number in range(12)]
    for line in lines:
        case.write("Ana", line)
    assert [socket.next_where(direction="OUTBOUND")["text"] for _ in lines] == lines
    assert case.history()[1:] == lines
    assert case.status == "AWAITING_CUSTOMER"
    case.customer.send("thanks")
    assert case.status == "OPEN_ASSIGNED"


@pytest.mark.parametrize("text", ["a" * 4096, "🦊" * 2048, "x\n" * 2047 + "x"])
def test_long_answers_arrive_whole(stage: Stage, text: str) -> None:
    case = open_case(stage)
    case.claim()
    socket = case.customer.socket()
    case.write("Ana", text)
    assert socket.next_where(direction="OUTBOUND")["text"] == text
    assert case.history()[-1] == text
