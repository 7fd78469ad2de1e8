"""What yesterday's widget says on its socket, and what it makes of the answers."""

import pytest

from tenants.models import Tenant
from tests.cast import Desk, tenant_called
from tests.parity.old_widget import Bubble, open_widget
from tests.stage import Stage

UNITS = [
    ("x", 1),
    ("\N{PILE OF POO}", 2),
    ("漢", 1),
    ("é", 1),
]


@pytest.mark.parametrize(
    "typed",
    [
        '{"type":"message","text":"I am a text"}',
        '{"type": "ping"}',
        "  two before, two after  ",
        "\tline\n\nline\n",
        "<script>alert(1)</script> &amp; \\n",
        "%7B%22%3A1%7D",
        "true",
    ],
)
def test_a_line_is_shown_once_whatever_it_looks_like(stage: Stage, typed: str) -> None:
    with open_widget(stage.web) as widget:
        widget.say(typed)
        echo = widget.hear()
        assert (echo["direction"], echo["text"]) == ("INBOUND", typed)
        assert widget.lines() == [typed], "the echo equals what was typed, so no second bubble"
        widget.reload()
        assert widget.lines() == [typed.strip()]


def test_lines_typed_before_the_greeting_is_read(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        widget.leave()
        assert widget.connect()
        for number in range(6):
            widget.socket.send(f"queued {number}")
        assert widget.hear() == {"ok": True}
        for number in range(6):
            assert widget.hear_until(direction="INBOUND")["text"] == f"queued {number}"
        widget.reload()
        assert widget.lines() == [f"queued {number}" for number in range(6)]


def test_each_open_page_shows_each_line_once_and_in_order(
    stage: Stage, default_tenant: Tenant
) -> None:
    with open_widget(stage.web) as here, open_widget(stage.second_web) as there:
        there.leave()
        there.session = here.session
        assert there.connect()
        Desk(here.session["id"], tenant=default_tenant).claim()
        for number in range(12):
            writer = (here, there)[number % 2]
            writer.say(f"line {number}")
            for page in (here, there):
                page.hear_until(direction="INBOUND", text=f"line {number}")
        expected = [f"line {number}" for number in range(12)]
        assert here.lines() == there.lines() == expected


def test_the_bounds_of_a_line(stage: Stage, default_tenant: Tenant) -> None:
    with open_widget(stage.web) as widget:
        Desk(widget.session["id"], tenant=default_tenant).claim()
        widget.hear_until(type="agent_joined")
        for sign, units in UNITS:
            just_right = sign * (4000 // units)
            widget.say(just_right)
            assert widget.hear()["text"] == just_right
            for too_long in (just_right + "x", sign * (4096 // units)):
                widget.socket.send(too_long)
                assert widget.hear() == {"error": "message_too_long"}
        widget.socket.send("x" * 4097)
        assert widget.hear_the_end() == 1009
        assert widget.ignored[-1] == {"error": "too_large"}
        assert widget.connect(), "and it may come back at once"


@pytest.mark.parametrize("frame", ["", "   ", "\n", "\u00a0\u2003", "a\x00b"])
def test_what_is_no_message_is_rejected(stage: Stage, frame: str) -> None:
    with open_widget(stage.web) as widget:
        widget.socket.send(frame)
        assert widget.hear() == {"error": "message rejected"}
        widget.say("words")
        assert widget.hear()["seq"] == 1


def test_long_frames_use_up_the_rate_and_the_thirty_first_ends_it(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        for number in range(30):
            widget.socket.send("x" * 4050 if number % 3 else "")
            assert set(widget.hear()) == {"error"}
        widget.say("one too many")
        assert widget.hear_the_end() == 1008
        assert widget.ignored[-1] == {"error": "rate_limited"}
        widget.reload()
        assert widget.lines() == []


def test_a_blocked_visitor_stays_connected_and_is_heard_again(
    stage: Stage, default_tenant: Tenant
) -> None:
    with open_widget(stage.web) as widget:
        widget.say("Hello")
        widget.hear_until(type="info_note")
        Desk(widget.session["id"], tenant=default_tenant).block()
        for _ in range(2):
            widget.socket.send("Let me in")
            assert widget.hear() == {"error": "message rejected"}
        widget.reload()
        assert widget.session, "the history call is no reason to lose the conversation"
        assert not widget.has_closed_line, "BLOCKED is not CLOSED"
        assert widget.hear() == {"ok": True}


def test_each_unclaimed_line_is_asked_to_wait_and_no_such_note_is_kept(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        for number in range(1, 4):
            widget.say(f"line {number}")
            widget.hear_until(type="info_note", key="waiting_for_agent")
            assert len(widget.notes) == number
        widget.reload()
        assert widget.bubbles == [Bubble("customer", f"line {number}") for number in (1, 2, 3)]


def test_a_dropped_connection_loses_nothing_between_history_and_socket(stage: Stage) -> None:
    acme = tenant_called("default")
    with open_widget(stage.web) as widget:
        desk = Desk(widget.session["id"], tenant=acme)
        widget.say("Hello")
        widget.hear_until(type="info_note")
        desk.claim()
        widget.leave()
        desk.reply("said while it was away")
        widget.reload()
        desk.reply("said afterwards")
        widget.hear_until(text="said afterwards")
        assert widget.lines() == ["Hello", "said while it was away", "said afterwards"]
