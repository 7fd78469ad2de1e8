"""The v2 protocol: typed JSON both ways, errors by code, and the same limits as ever."""

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tenants.models import Tenant
from tests.cast import Desk, setting
from tests.conftest import Stage
from tests.customer import Customer, Socket, arrive
from tests.sockets.typed import TypedSocket, typed

MESSAGE = {"type", "id", "seq", "direction", "text", "created_at"}


def claimed(stage: Stage, tenant: Tenant) -> Customer:
    visitor = stage.customer()
    Desk(visitor.conversation_id, tenant=tenant).claim()
    return visitor


def closing_code(socket: TypedSocket) -> int:
    with pytest.raises(ConnectionClosed) as caught:
        socket.next_that(lambda _frame: False)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


def test_a_message_is_acknowledged_and_shown_everywhere(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = claimed(stage, default_tenant)
    with typed(visitor) as here, typed(visitor, stage.second_web) as there:
        old = visitor.socket()
        ack = here.message("  Hello <b>  ", "note-1")
        assert set(ack) == {"type", "client_id", "id", "seq", "created_at"}
        assert (ack["type"], ack["client_id"], ack["seq"]) == ("ack", "note-1", 1)
        for socket in (here, there):
            shown = socket.next()
            assert set(shown) == {*MESSAGE, "client_id"}
            assert (shown["type"], shown["direction"]) == ("message", "INBOUND")
            assert (shown["text"], shown["client_id"]) == ("Hello <b>", "note-1"), "as stored"
            assert (shown["id"], shown["created_at"]) == (ack["id"], ack["created_at"])
        assert old.next_message()["text"] == "  Hello <b>  ", "as typed, for v1"
        assert [m["id"] for m in visitor.history()["messages"]] == [ack["id"]]


def test_the_same_client_id_is_the_same_message(stage: Stage, default_tenant: Tenant) -> None:
    visitor = claimed(stage, default_tenant)
    by_http = visitor.send("Said by HTTP", client_id="h")
    with typed(visitor) as first, typed(visitor, stage.second_web) as second:
        ack = first.message("Once", "x" * 64)
        assert second.message("Once", "x" * 64) == ack
        assert first.message("Said by HTTP", "h")["id"] == by_http["id"]
    assert [m["text"] for m in visitor.history()["messages"]] == ["Said by HTTP", "Once"]


def test_a_client_id_may_be_left_out(stage: Stage, default_tenant: Tenant) -> None:
    with typed(claimed(stage, default_tenant)) as socket:
        assert set(socket.message("Hello")) == {"type", "id", "seq", "created_at"}
        assert set(socket.next()) == MESSAGE


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "invalid_json"),
        ("hello", "invalid_json"),
        ("[]", "invalid_json"),
        ('"message"', "invalid_json"),
        ('{"type": "message", "text": "cut', "invalid_json"),
        ("[" * 4000, "invalid_json"),
        ("{}", "unknown_type"),
        ('{"type": "shout"}', "unknown_type"),
        ('{"type": ["message"]}', "unknown_type"),
        ('{"type": "message"}', "invalid_text"),
        ('{"type": "message", "text": 5}', "invalid_text"),
        ('{"type": "message", "text": " \\n"}', "invalid_text"),
        ('{"type": "message", "text": "nu\\u0000l"}', "invalid_text"),
        ('{"type": "message", "text": "half \\ud83d"}', "invalid_text"),
        ('{"type": "message", "text": "x", "client_id": 7}', "invalid_text"),
        ('{"type": "message", "text": "x", "client_id": ""}', "invalid_text"),
        ('{"type": "message", "text": "x", "client_id": "%s"}' % ("i" * 65), "invalid_text"),
        ('{"type": "message", "text": "x", "client_id": "\\ud800"}', "invalid_text"),
        ('{"type": "message", "text": "\\ud800"}', "invalid_text"),
    ],
)
def test_what_cannot_be_done_is_said_by_code_and_the_socket_stays(
    stage: Stage, frame: str, code: str
) -> None:
    visitor = stage.customer()
    with typed(visitor) as socket:
        socket.say(frame)
        error = socket.next()
        assert set(error) == {"type", "code", "message"}
        assert (error["type"], error["code"]) == ("error", code)
        assert error["message"]
        assert socket.message("still here")["seq"] == 1


def test_an_error_names_the_message_it_is_about(stage: Stage, default_tenant: Tenant) -> None:
    visitor = claimed(stage, default_tenant)
    with typed(visitor) as socket:
        for text, code in (("x" * 4001, "message_too_long"), (" ", "invalid_text")):
            error = socket.message(text, "mine")
            assert (error["type"], error["client_id"], error["code"]) == ("error", "mine", code)
        Desk(visitor.conversation_id, tenant=default_tenant).block()
        error = socket.message("Let me in", "blocked")
        assert (error["client_id"], error["code"]) == ("blocked", "conversation_blocked")
        socket.ask("ping")
        assert socket.next() == {"type": "pong"}, "a blocked customer stays connected"


@pytest.mark.parametrize("sign", ["x", "я", "漢", "\n", "e\u0301", '"'])
def test_the_longest_message_fits_in_any_script_and_any_escaping(
    stage: Stage, default_tenant: Tenant, sign: str
) -> None:
    text = "a" + sign * ((4000 - 2) // len(sign)) + "b"
    with typed(claimed(stage, default_tenant)) as socket:
        for is_ascii in (True, False):
            body: dict[str, Any] = {"type": "message", "text": text}
            socket.say(json.dumps(body, ensure_ascii=is_ascii))
            assert socket.next()["type"] == "ack"
            assert socket.next()["text"] == text


@pytest.mark.parametrize(
    "frame",
    [
        json.dumps({"type": "message", "client_id": "big", "text": "x" * 4097}),
        json.dumps({"type": "message", "client_id": "big", "text": "😀" * 2049}),
        "x" * 40_000,
    ],
    ids=["text", "pairs", "frame"],
)
def test_a_huge_frame_ends_the_socket(stage: Stage, frame: str) -> None:
    visitor = stage.customer()
    with typed(visitor) as socket:
        socket.say(frame)
        error = socket.next()
        assert (error["type"], error["code"]) == ("error", "too_large")
        assert error.get("client_id") == ("big" if "big" in frame else None)
        assert closing_code(socket) == 1009
    assert visitor.history()["messages"] == []


def test_every_frame_uses_up_the_rate(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    with setting(acme, "rl.ws.points", 5), typed(visitor) as socket:
        for frame in ('{"type":"ping"}', "no json", '{"type":"typing"}', '{"type":"pong"}', "{}"):
            socket.say(frame)
        socket.ask("message", text="one too many")
        assert socket.next() == {"type": "pong"}
        codes = [socket.next()["code"] for _ in range(3)]
        assert codes == ["invalid_json", "unknown_type", "rate_limited"]
        assert closing_code(socket) == 1008
    assert visitor.call("GET", "messages").json()["messages"] == []


def test_typing_is_seen_at_the_customers_other_v2_sockets_only(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = claimed(stage, default_tenant)
    stranger = stage.customer()
    with (
        typed(visitor) as writing,
        typed(visitor) as here,
        typed(visitor, stage.second_web) as there,
        typed(stranger) as elsewhere,
    ):
        old = visitor.socket()
        writing.ask("typing")
        for socket in (here, there):
            assert socket.next() == {"type": "typing", "from": "customer"}
        assert writing.message("Hello")["type"] == "ack", "not told of its own typing"
        assert old.next_message()["text"] == "Hello", "v1 is told nothing of it"
        elsewhere.ask("ping")
        assert elsewhere.next() == {"type": "pong"}


def test_pings_are_answered_either_way(stage: Stage) -> None:
    with typed(stage.customer()) as socket:
        socket.ask("pong")
        socket.ask("ping", extra={"ignored": True})
        assert socket.next() == {"type": "pong"}


def test_frames_may_be_sent_before_the_greeting_is_read(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = claimed(stage, default_tenant)
    address = f"{visitor.web.replace('http', 'ws')}/v1/ws"
    socket = TypedSocket(address, visitor.token)
    for number in range(5):
        socket.ask("message", text=f"queued {number}", client_id=f"{number}")
    assert socket.next() == {"ok": True}
    frames = [socket.next() for _ in range(10)]
    assert [frame["type"] for frame in frames] == ["ack", "message"] * 5
    assert [frame["client_id"] for frame in frames[::2]] == list("01234")
    socket.close()


def test_both_protocols_see_the_same_conversation(stage: Stage, default_tenant: Tenant) -> None:
    visitor = claimed(stage, default_tenant)
    with typed(visitor) as socket:
        old: Socket = visitor.socket()
        raw = '{"type":"message","text":"I am a text"}'
        old.say(raw)
        assert old.next_message()["text"] == raw
        shown = socket.next()
        assert (shown["type"], shown["text"], shown["seq"]) == ("message", raw, 1)
        assert "client_id" not in shown
