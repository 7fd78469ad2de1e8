"""POST /v1/conversations/{id}/messages."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tenants.models import Tenant
from tests.answers import assert_refused
from tests.cast import Desk
from tests.conftest import Stage
from tests.customer import Customer

LITERAL_TEXTS = [
    "Hello",
    "👩‍👩‍👧‍👦 family",
    "שלום עולם, مرحبا",
    "e\u0301 z\u0351\u036b\u0343",
    "<script>alert(1)</script> &amp;",
    '{"type": "not json"}',
    "line\nbreak\r\n\ttab",
    "\u202eright to left\u202c",
    "' ; DROP TABLE conversations_message; --",
    "%s %(x)s {customer_name} \\u0000",
    "\ufffe\U0010ffff",
    "x" * 4000,
    "😀" * 2000,
    "漢" * 4000,
]


@pytest.mark.parametrize("text", LITERAL_TEXTS)
def test_texts_are_kept_literally(stage: Stage, text: str) -> None:
    visitor = stage.customer()
    message = visitor.send(text)

    assert set(message) == {"id", "seq", "createdAt", "direction", "text"}
    assert (message["direction"], message["seq"], message["text"]) == ("INBOUND", 1, text)
    assert visitor.history()["messages"] == [message]


def test_a_text_is_trimmed(stage: Stage) -> None:
    visitor = stage.customer()
    assert visitor.send(" \n\t Hello  you \u3000\n")["text"] == "Hello  you"
    assert len(visitor.send("  " + "x" * 4000 + "  ")["text"]) == 4000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_text"),
        ({"text": None}, "invalid_text"),
        ({"text": 5}, "invalid_text"),
        ({"text": ["Hello"]}, "invalid_text"),
        ({"text": ""}, "invalid_text"),
        ({"text": " \n\t\u3000 "}, "invalid_text"),
        ({"text": "nu\x00l"}, "invalid_text"),
        ({"text": "lone \ud83d"}, "invalid_text"),
        ({"text": "x" * 4001}, "text_too_long"),
        ({"text": "😀" * 2000 + "x"}, "text_too_long"),
        ({"text": "Hello", "client_id": 5}, "invalid_text"),
        ({"text": "Hello", "client_id": ""}, "invalid_text"),
        ({"text": "Hello", "client_id": "x" * 65}, "invalid_text"),
        ({"text": "Hello", "client_id": "nu\x00l"}, "invalid_text"),
        ({"text": "Hello", "client_id": {}}, "invalid_text"),
    ],
)
def test_bodies_that_are_no_message(visitor: Customer, body: dict[str, object], code: str) -> None:
    assert_refused(visitor.call("POST", "messages", json=body), 400, code)


def test_nothing_that_was_refused_is_in_the_history(visitor: Customer) -> None:
    assert visitor.history()["messages"] == []


@pytest.fixture(scope="module")
def visitor(stage: Stage) -> Customer:
    """Somebody whose every message is refused."""
    return stage.customer()


def test_the_same_client_id_is_the_same_message(stage: Stage) -> None:
    visitor = stage.customer()
    first = visitor.send("Hello", client_id="x" * 64)

    assert visitor.send("Something else", client_id="x" * 64, web=stage.second_web) == first
    assert visitor.send("Hello", client_id="y") != first
    assert stage.customer().send("Hello", client_id="x" * 64)["id"] != first["id"]
    assert len(visitor.history()["messages"]) == 2


def test_twenty_identical_sends_at_once_are_one_message(stage: Stage) -> None:
    visitor = stage.customer()
    socket = visitor.socket()

    def send(number: int) -> dict[str, object]:
        web = (stage.web, stage.second_web)[number % 2]
        return visitor.send("Hello", client_id="once", web=web)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))

    assert all(answer == answers[0] for answer in answers)
    assert len(visitor.history()["messages"]) == 1
    visitor.send("the end")
    shown = [socket.next() for _ in range(2)]
    shown += [socket.next_where(text="the end")]
    assert [frame["seq"] for frame in shown if "seq" in frame] == [1, 2]


def test_sending_is_for_whoever_holds_the_token(stage: Stage) -> None:
    visitor, stranger = stage.customer(), stage.customer()
    for headers in (
        {"Authorization": None},
        {"Authorization": stranger.headers["Authorization"]},
        {"Authorization": f"Basic {visitor.token}"},
        {"Authorization": "Bearer"},
    ):
        answer = visitor.call("POST", "messages", json={"text": "Hello"}, headers=headers)
        assert_refused(answer, 401, "invalid_token")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert visitor.history()["messages"] == []


def test_a_conversation_that_does_not_exist_looks_like_a_wrong_token(stage: Stage) -> None:
    visitor = stage.customer()
    visitor.conversation_id = str(uuid4())
    assert_refused(visitor.call("POST", "messages", json={"text": "Hello"}), 401, "invalid_token")


def test_writing_reopens_a_closed_conversation(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    visitor.send("Hello", client_id="first")
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    desk.claim()
    desk.close()
    assert visitor.history()["status"] == "CLOSED"

    visitor.send("Hello", client_id="first")
    assert visitor.history()["status"] == "CLOSED", "a repeated send is no new one"

    visitor.send("One more thing")
    history = visitor.history()
    assert history["status"] == "OPEN_UNCLAIMED"
    assert "closed_note" not in history
    assert [message["direction"] for message in history["messages"]] == [
        "INBOUND",
        "OUTBOUND",
        "INBOUND",
        "OUTBOUND",
    ]


def test_a_blocked_customer_cannot_write(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    visitor.send("Hello")
    Desk(visitor.conversation_id, tenant=default_tenant).block()

    answer = visitor.call("POST", "messages", json={"text": "Let me in"})
    assert_refused(answer, 403, "conversation_blocked")
    # What agents see in the topic's title is writing, too.
    for what, body in (("name", {"name": "Let me in"}), ("locale", {"locale": "lv"})):
        assert_refused(visitor.call("PATCH", what, json=body), 403, "conversation_blocked")
    history = visitor.history()
    assert (history["status"], len(history["messages"])) == ("BLOCKED", 1)
