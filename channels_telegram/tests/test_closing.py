"""Closing and reopening, from the topic's own menu, by command, and by the customer's next line."""

from channels_telegram import texts
from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, frames_until, open_case
from tenants.models import Tenant
from tests.cast import Desk
from tests.conftest import Stage


def closed_there(case: Case, *, is_closed: bool) -> None:
    case.stage.group.wait_until_topic(
        case.thread_id, is_closed=is_closed, timeout_seconds=TIMEOUT_SECONDS
    )


def test_the_close_button_closes_for_both(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    assert case.press("Ana", case.controls, "Close") == "Closed by Ana."
    farewell = socket.next()
    assert (farewell["direction"], farewell["seq"]) == ("OUTBOUND", 2)
    assert socket.next() == {"type": "conversation_closed"}
    closed_there(case, is_closed=True)
    assert case.texts()[-1] == "Closed by Ana."
    assert case.status == "CLOSED"


def test_closing_an_unclaimed_conversation(stage: Stage) -> None:
    case = open_case(stage)
    case.write("Greg", "/close")
    closed_there(case, is_closed=True)
    assert case.status == "CLOSED"
    case.write("Greg", "/close")
    case.told(texts.CLOSED_ALREADY)
    assert len(case.history()) == 2


def test_telegrams_own_menu_closes_too(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    socket = case.customer.socket()
    before = stage.simulator.last_call
    stage.group.close_topic("Ana", case.thread_id)
    assert socket.next()["direction"] == "OUTBOUND"
    assert socket.next() == {"type": "conversation_closed"}
    assert case.status == "CLOSED"
    frames = frames_until(socket, "one more thing", case)
    assert frames[-1]["direction"] == "INBOUND"
    # It is closed there already.
    assert not stage.simulator.calls("closeForumTopic", after=before)
    closed_there(case, is_closed=False)


def test_telegrams_own_menu_reopens_too(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    case.write("Ana", "/close")
    closed_there(case, is_closed=True)
    socket = case.customer.socket()
    case.settled()
    before = stage.simulator.last_call
    stage.group.reopen_topic("Ana", case.thread_id)
    assert "reopened" in str(socket.next())
    case.wait_for_status("OPEN_UNCLAIMED")
    # It is open there already.
    case.write("Ana", "/help")
    case.told("/claim takes")
    assert not stage.simulator.calls("reopenForumTopic", after=before)
    # Nobody is assigned any more.
    case.write("Ana", "SECRET")
    case.told(texts.NOT_CLAIMED)
    assert "SECRET" not in str(case.customer.history())


def test_reopening_does_not_unblock(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    desk = Desk(case.customer.conversation_id, tenant=default_tenant)
    stage.group.close_topic("Ana", case.thread_id)
    case.wait_for_status("CLOSED")
    desk.block()
    case.told(texts.BLOCKED_NOW)
    stage.group.reopen_topic("Ana", case.thread_id)
    case.told(texts.BLOCKED_CANNOT_CLAIM)
    assert case.status == "BLOCKED"


def test_a_customer_who_writes_reopens(stage: Stage) -> None:
    case = open_case(stage, name="Mara")
    case.claim("Ana")
    case.write("Ana", "/close")
    closed_there(case, is_closed=True)
    socket = case.customer.socket()
    before = stage.simulator.last_call

    socket.say("one more thing")
    assert socket.next()["text"] == "one more thing"
    assert socket.next_where(key="conversation_reopened")["type"] == "info_note"
    posted = case.told("Mara: one more thing", button="Claim")
    assert set(posted.buttons) == {"Claim", "Close"}
    closed_there(case, is_closed=False)
    methods = [call.method for call in stage.simulator.calls(after=before)]
    assert methods[:2] == ["reopenForumTopic", "sendMessage"]
    assert case.status == "OPEN_UNCLAIMED"
    assert len(case.history()) == 4

    # The assignment is gone; the buttons of that line are the way on.
    case.write("Ana", "SECRET")
    case.told(texts.NOT_CLAIMED)
    assert "Greg has claimed" in case.press("Greg", posted, "Claim")
    case.customer.send("hello?")
    assert case.told("Mara: hello?").buttons == {}


def test_closing_and_reopening_over_and_over_keeps_the_order(stage: Stage) -> None:
    case = open_case(stage)
    for number in range(5):
        case.write("Ana", "/close")
        case.told("Closed by Ana", count=number + 1)
        case.settled()
        case.customer.send(f"again {number}")
        case.told(f": again {number}")
    closed_there(case, is_closed=False)
    assert case.customer_lines() == [case.first_line, *(f"again {n}" for n in range(5))]
    assert case.status == "OPEN_UNCLAIMED"
