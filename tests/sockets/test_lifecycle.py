"""Claiming, closing, reopening and blocking, as an open v1 socket sees them."""

from tenants.models import Tenant
from tests.cast import Desk, setting
from tests.conftest import Stage
from tests.customer import Customer, Socket

Frame = dict[str, object]


def talk(stage: Stage, tenant: Tenant) -> tuple[Customer, Desk, Socket, Socket]:
    """A claimed conversation with one message, seen at both processes."""
    visitor = stage.customer(name="Mara")
    here, there = visitor.socket(), visitor.socket(stage.second_web)
    here.say("Hello")
    desk = Desk(visitor.conversation_id, tenant=tenant)
    for socket in (here, there):
        assert socket.next_message()["text"] == "Hello"
        assert socket.next()["key"] == "waiting_for_agent"
    desk.claim()
    for socket in (here, there):
        assert socket.next() == {"type": "agent_joined", "agent": "Support"}
    return visitor, desk, here, there


def test_a_reply_names_who_wrote_it(stage: Stage, default_tenant: Tenant) -> None:
    visitor, desk, here, there = talk(stage, default_tenant)
    desk.reply("  Hi <b>Mara</b> ")
    for socket in (here, there):
        reply = socket.next()
        assert set(reply) == {"direction", "text", "agent", "id", "seq", "createdAt"}
        assert (reply["direction"], reply["agent"], reply["seq"]) == ("OUTBOUND", "Support", 2)
    assert visitor.history()["status"] == "AWAITING_CUSTOMER"
    here.say("Thanks")
    assert there.next_message()["seq"] == 3
    assert visitor.history()["status"] == "OPEN_ASSIGNED"


def test_joining_under_the_tenants_label(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    socket = visitor.socket()
    with setting(default_tenant, "support.label", "Helpdesk"):
        Desk(visitor.conversation_id, tenant=default_tenant).claim()
        assert socket.next() == {"type": "agent_joined", "agent": "Helpdesk"}


def test_the_closing_text_comes_before_the_sign(stage: Stage, default_tenant: Tenant) -> None:
    visitor, desk, here, there = talk(stage, default_tenant)
    desk.close()
    for socket in (here, there):
        farewell = socket.next()
        assert (farewell["direction"], farewell["seq"]) == ("OUTBOUND", 2)
        assert socket.next() == {"type": "conversation_closed"}
    desk.close()
    assert visitor.history()["messages"][1]["text"] == farewell["text"], "said once"


def test_writing_on_the_same_socket_reopens(stage: Stage, default_tenant: Tenant) -> None:
    visitor, desk, here, there = talk(stage, default_tenant)
    desk.close()
    for socket in (here, there):
        socket.next_where(type="conversation_closed")

    here.say("One more thing")
    for socket in (here, there):
        assert socket.next_message()["text"] == "One more thing"
        kept, note, waiting = (socket.next() for _ in range(3))
        assert note["key"] == "conversation_reopened"
        assert waiting["key"] == "waiting_for_agent", "after it, for it is about what comes next"
        assert (kept["direction"], kept["text"]) == ("OUTBOUND", note["text"])
        assert kept["id"] == note["id"]
    history = visitor.history()
    assert (history["status"], "closed_note" in history) == ("OPEN_UNCLAIMED", False)

    desk.claim()
    assert here.next() == {"type": "agent_joined", "agent": "Support"}
    desk.close()
    assert here.next_where(type="conversation_closed")


def test_a_frame_without_words_never_has_text(stage: Stage, default_tenant: Tenant) -> None:
    _, desk, here, _ = talk(stage, default_tenant)
    desk.reply("Hi")
    desk.close()
    frames: list[Frame] = [here.next() for _ in range(3)]
    here.say(" ")
    here.say("x" * 4001)
    frames += [here.next(), here.next()]
    desk.block()
    here.say("Hello?")
    frames.append(here.next())
    for frame in frames:
        is_wordy = "direction" in frame or frame.get("type") == "info_note"
        assert ("text" in frame) == is_wordy, frame
    assert [frame["error"] for frame in frames if "error" in frame] == [
        "message rejected",
        "message_too_long",
        "message rejected",
    ]


def test_a_blocked_conversation_is_silent_but_connected(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor, desk, here, there = talk(stage, default_tenant)
    desk.block()
    for socket in (here, there):
        socket.say("Let me in")
        assert socket.next() == {"error": "message rejected"}
    assert visitor.history()["status"] == "BLOCKED"
    assert len(visitor.history()["messages"]) == 1
