"""GET /v1/conversations/{id}/messages."""

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from tenants.models import Tenant
from tests.answers import assert_refused
from tests.cast import Desk, setting
from tests.conftest import Stage
from tests.customer import Customer, arrive


@pytest.fixture(scope="module")
def talk(stage: Stage) -> Customer:
    """A conversation of five messages."""
    visitor = stage.customer()
    for number in range(1, 6):
        visitor.send(f"message {number}")
    return visitor


def seqs(history: dict[str, list[dict[str, int]]]) -> list[int]:
    return [message["seq"] for message in history["messages"]]


def test_the_whole_history_comes_oldest_first_and_uncached(talk: Customer) -> None:
    answer = talk.call("GET", "messages")
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"status", "messages"}
    assert body["status"] == "OPEN_UNCLAIMED"
    assert [message["text"] for message in body["messages"]] == [
        f"message {number}" for number in range(1, 6)
    ]
    for message in body["messages"]:
        assert set(message) == {"id", "seq", "createdAt", "direction", "text"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", message["createdAt"])


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("0", [1, 2, 3, 4, 5]),
        ("", [1, 2, 3, 4, 5]),
        ("2", [3, 4, 5]),
        ("4", [5]),
        ("5", []),
        ("999999999", []),
    ],
)
def test_after_a_seq_comes_what_is_newer(talk: Customer, after: str, expected: list[int]) -> None:
    assert seqs(talk.history(after=after)) == expected


@pytest.mark.parametrize("after", ["-1", "1.5", "x", "1e3", "٣", "9" * 10, "9" * 5000, "0x1", " 1"])
def test_after_something_that_is_no_seq(talk: Customer, after: str) -> None:
    error = assert_refused(
        talk.call("GET", "messages", params={"after": after}), 400, "invalid_parameter"
    )
    assert error["details"] == {"field": "after"}


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"limit": "2"}, [4, 5]),
        ({"limit": "2", "before": "4"}, [2, 3]),
        ({"limit": "2", "before": "2"}, [1]),
        ({"limit": "2", "before": "1"}, []),
        ({"before": "3"}, [1, 2]),
        ({"before": "0"}, []),
        ({"limit": "2", "after": "1"}, [2, 3]),
        ({"limit": "999999999"}, [1, 2, 3, 4, 5]),
        ({"limit": "", "before": ""}, [1, 2, 3, 4, 5]),
    ],
)
def test_a_long_history_comes_in_pages(
    talk: Customer, page: dict[str, str], expected: list[int]
) -> None:
    assert seqs(talk.history(**page)) == expected


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "0"), ("limit", "-1"), ("limit", "all"), ("before", "x")]
)
def test_a_page_that_nobody_can_cut(talk: Customer, name: str, value: str) -> None:
    answer = talk.call("GET", "messages", params={name: value})
    error = assert_refused(answer, 400, "invalid_parameter")
    assert error["details"] == {"field": name}


def test_since_a_moment_is_exact_to_the_millisecond(talk: Customer) -> None:
    messages = talk.history()["messages"]
    for index, message in enumerate(messages):
        newer = [later["seq"] for later in messages[index + 1 :]]
        moment = datetime.fromisoformat(message["createdAt"])
        milliseconds = round(moment.timestamp() * 1000)
        eastern = moment.astimezone(timezone(timedelta(hours=5, minutes=30)))
        assert seqs(talk.history(since=message["createdAt"])) == newer
        assert seqs(talk.history(since=milliseconds)) == newer
        assert seqs(talk.history(since=eastern.isoformat())) == newer
        assert seqs(talk.history(since=milliseconds - 1)) == [message["seq"], *newer]


def test_a_plus_that_nobody_escaped(talk: Customer) -> None:
    moment = datetime.fromisoformat(talk.history()["messages"][2]["createdAt"])
    local = moment.astimezone(timezone(timedelta(hours=2))).isoformat(timespec="milliseconds")
    answer = talk.call("GET", f"messages?since={local}")
    assert seqs(answer.json()) == [4, 5]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("0", [1, 2, 3, 4, 5]),
        ("", [1, 2, 3, 4, 5]),
        ("2020-01-01", [1, 2, 3, 4, 5]),
        ("2020-01-01T00:00:00", [1, 2, 3, 4, 5]),
        ("2020-01-01 00:00:00+00:00", [1, 2, 3, 4, 5]),
        ("2099-01-01T00:00:00Z", []),
        ("4070908800000", []),
        ("9999-12-31T23:59:59Z", []),
        ("0001-01-01T00:00:00Z", [1, 2, 3, 4, 5]),
    ],
)
def test_since_any_time_that_can_be_said(talk: Customer, since: str, expected: list[int]) -> None:
    assert seqs(talk.history(since=since)) == expected


@pytest.mark.parametrize(
    "since",
    [
        "yesterday",
        "-5",
        "1.5",
        "2020-13-01",
        "9" * 30,
        "9" * 5000,
        "٣",
        "T",
        "\x00",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_since_something_that_is_no_time(talk: Customer, since: str) -> None:
    error = assert_refused(
        talk.call("GET", "messages", params={"since": since}), 400, "invalid_parameter"
    )
    assert error["details"] == {"field": "since"}


def test_both_bounds_hold(talk: Customer) -> None:
    third = talk.history()["messages"][2]["createdAt"]
    assert seqs(talk.history(since=third, after=1)) == [4, 5]
    assert seqs(talk.history(since=third, after=4)) == [5]


@pytest.mark.parametrize(
    "authorization", [None, "Bearer stale", "Bearer", "Basic abc", "nonsense", "Bearer a.b.c"]
)
def test_the_default_tenant_asks_for_no_token(talk: Customer, authorization: str | None) -> None:
    answer = talk.call("GET", "messages", headers={"Authorization": authorization})
    assert answer.status_code == 200
    assert seqs(answer.json()) == [1, 2, 3, 4, 5]


def test_a_token_of_another_conversation_is_ignored_there(stage: Stage, talk: Customer) -> None:
    other = stage.customer()
    answer = talk.call("GET", "messages", headers={"Authorization": f"Bearer {other.token}"})
    assert seqs(answer.json()) == [1, 2, 3, 4, 5]


def test_an_unknown_conversation(stage: Stage) -> None:
    visitor = stage.customer()
    visitor.conversation_id = str(uuid4())
    for headers in ({}, {"Authorization": None}):
        answer = visitor.call("GET", "messages", headers=headers)
        assert_refused(answer, 404, "conversation_not_found")


def test_another_tenants_history_needs_its_token(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    visitor.send("for acme's eyes")
    stranger = arrive(stage.web, tenant="acme")
    nobody: dict[str, str | None] = {"Authorization": None}
    foreign: dict[str, str | None] = {"Authorization": f"Bearer {stranger.token}"}

    assert seqs(visitor.call("GET", "messages").json()) == [1]
    assert seqs(visitor.call("GET", "messages", params={"t": "acme"}).json()) == [1]
    for headers in (nobody, foreign):
        refused = visitor.call("GET", "messages", params={"t": "acme"}, headers=headers)
        assert_refused(refused, 401, "invalid_token")
        unknown = visitor.call("GET", "messages", headers=headers)
        assert_refused(unknown, 404, "conversation_not_found")


def test_a_closed_conversation_says_so(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    visitor.send("Hello")
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    desk.claim()
    desk.reply("Hi")
    with setting(default_tenant, "support.label", "Helpdesk"):
        history = visitor.history()
        assert history["status"] == "AWAITING_CUSTOMER"
        assert "closed_note" not in history
        assert history["messages"][1]["agent"] == "Helpdesk"
    desk.close()

    history = visitor.history()
    assert history["status"] == "CLOSED"
    assert history["closed_note"]
    assert [message.get("agent") for message in history["messages"]] == [
        None,
        "Support",
        "Support",
    ]


def test_times_are_in_the_present(talk: Customer) -> None:
    first = datetime.fromisoformat(talk.history()["messages"][0]["createdAt"])
    assert abs(datetime.now(UTC) - first) < timedelta(minutes=10)
