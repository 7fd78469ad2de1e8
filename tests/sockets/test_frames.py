"""Frames from the customer: echoes, refusals, limits."""

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from tenants.models import Tenant
from tests.cast import Desk, setting
from tests.conftest import Stage
from tests.customer import Customer, Socket, arrive

VERBATIM = [
    "Hello",
    "  not trimmed \n",
    '{"type": "message", "text": "json"}',
    '{"ok": true}',
    '"quoted"',
    "[]",
    "null",
    "42",
    "<b>bold</b> &amp; <script>",
    "\u202eשלום 👩‍👩‍👧‍👦 e\u0301",
    "{customer_name}",
    "\\u0041 \\n",
    "a\u2028b\u2029c",
    "x" * 4000,
    "漢" * 4000,
    "😀" * 2000,
    " " * 48 + "x" * 4000 + " " * 48,
]


def closing_code(socket: Socket) -> int:
    """Read to the end; the code that the server closed with."""
    with pytest.raises(ConnectionClosed) as caught:
        socket.next_that(lambda _frame: False)
    assert isinstance(caught.value, ConnectionClosedError)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


def claimed(stage: Stage, tenant: Tenant, **details: str) -> Customer:
    """A customer whom an agent attends to, so that they are asked to wait no more."""
    visitor = stage.customer(**details)
    Desk(visitor.conversation_id, tenant=tenant).claim()
    return visitor


def test_the_echo_is_what_was_typed_and_the_history_is_trimmed(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = claimed(stage, default_tenant)
    sender, other, elsewhere = (
        visitor.socket(),
        visitor.socket(),
        visitor.socket(stage.second_web),
    )
    for seq, text in enumerate(VERBATIM, 1):
        sender.say(text)
        for socket in (sender, other, elsewhere):
            echo = socket.next_message()
            assert set(echo) == {"direction", "text", "id", "seq", "createdAt"}
            assert (echo["direction"], echo["seq"], echo["text"]) == ("INBOUND", seq, text)
    stored = [message["text"] for message in visitor.history()["messages"]]
    assert stored == [text.strip() for text in VERBATIM]


def test_frames_may_be_sent_before_the_greeting_is_read(stage: Stage) -> None:
    visitor = stage.customer()
    socket = Socket(f"{stage.web.replace('http', 'ws')}/v1/ws?token={visitor.token}")
    for number in range(5):
        socket.say(f"queued {number}")

    assert socket.next() == {"ok": True}
    texts = [socket.next_where(direction="INBOUND")["text"] for _ in range(5)]
    assert texts == [f"queued {number}" for number in range(5)]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "nu\x00l"])
def test_what_cannot_be_stored_is_rejected(stage: Stage, text: str) -> None:
    visitor = stage.customer()
    socket = visitor.socket()
    socket.say(text)
    assert socket.next() == {"error": "message rejected"}
    socket.say("still here")
    assert socket.next()["text"] == "still here"


@pytest.mark.parametrize("text", ["x" * 4001, "x" * 4096, "😀" * 2001, "漢" * 4096])
def test_a_long_text_is_refused_and_the_socket_stays(stage: Stage, text: str) -> None:
    visitor = stage.customer()
    socket = visitor.socket()
    socket.say(text)
    assert socket.next() == {"error": "message_too_long"}
    socket.say("shorter")
    assert (socket.next()["text"], len(visitor.history()["messages"])) == ("shorter", 1)


@pytest.mark.parametrize("text", ["x" * 4097, "😀" * 2049, " " * 4097, "x" * 100_000])
def test_a_huge_frame_ends_the_socket(stage: Stage, text: str) -> None:
    visitor = stage.customer()
    socket = visitor.socket()
    socket.say(text)
    assert socket.next() == {"error": "too_large"}
    assert closing_code(socket) == 1009
    assert visitor.history()["messages"] == []


def test_a_binary_frame_is_a_text_in_utf8(stage: Stage) -> None:
    visitor = stage.customer()
    socket = visitor.socket()
    socket.connection.send("Grüße 😀".encode())
    assert socket.next()["text"] == "Grüße 😀"
    socket.connection.send(b"\xff\xfe broken")
    assert socket.next_where(direction="INBOUND")["text"] == "\ufffd\ufffd broken"
    socket.connection.send(b"")
    assert socket.next_where(error="message rejected")


def test_the_thirty_first_frame_ends_the_socket(stage: Stage, default_tenant: Tenant) -> None:
    visitor = claimed(stage, default_tenant)
    socket = visitor.socket()
    for number in range(31):
        socket.say(f"{number}")
    assert [socket.next_message()["text"] for _ in range(30)] == [
        f"{number}" for number in range(30)
    ]
    assert socket.next() == {"error": "rate_limited"}
    assert closing_code(socket) == 1008
    assert len(visitor.history()["messages"]) == 30
    assert visitor.socket(), "it may come back, and listen"


def test_refused_frames_use_up_the_rate_too(stage: Stage) -> None:
    socket = stage.customer().socket()
    for number in range(31):
        socket.say("x" * 4001 if number % 2 else " ")
    answers = [socket.next()["error"] for _ in range(30)]
    assert set(answers) == {"message_too_long", "message rejected"}
    assert socket.next() == {"error": "rate_limited"}
    assert closing_code(socket) == 1008


def test_a_tenant_may_have_another_rate(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    with setting(acme, "rl.ws.points", 3):
        socket = visitor.socket()
        for _ in range(4):
            socket.say(" ")
        assert [socket.next()["error"] for _ in range(4)] == [
            *["message rejected"] * 3,
            "rate_limited",
        ]
        assert closing_code(socket) == 1008
    with setting(acme, "rl.ws.points", 0):
        socket = visitor.socket()
        for _ in range(40):
            socket.say(" ")
        assert all(socket.next() == {"error": "message rejected"} for _ in range(40))


def test_a_blocked_customer_is_rejected_and_stays_connected(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = stage.customer()
    socket = visitor.socket()
    socket.say("Hello")
    assert socket.next()["text"] == "Hello"
    Desk(visitor.conversation_id, tenant=default_tenant).block()
    socket.say("Let me in")
    assert socket.next_where(error="message rejected")
    socket.say("Please")
    assert socket.next() == {"error": "message rejected"}
    assert visitor.socket(), "a blocked customer may still connect"


def test_a_customer_who_leaves_in_the_middle_disturbs_nobody(stage: Stage) -> None:
    visitor = stage.customer()
    staying, leaving = visitor.socket(), visitor.socket()
    leaving.say("and I am gone")
    leaving.connection.socket.close()
    assert staying.next()["text"] == "and I am gone"
    staying.say("still here")
    assert staying.next_where(direction="INBOUND")["text"] == "still here"
