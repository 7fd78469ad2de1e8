"""What a visitor talked about before: listed and read by the session of the same person alone."""

from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.answers import assert_refused
from tests.cast import Desk
from tests.customer_api.test_identity import Company, bank, conversation_of, shop
from tests.keyed_browser import KeyedBrowser

__all__ = ["bank", "shop"]


def listed(browser: KeyedBrowser, query: str = "") -> requests.Response:
    path = f"/v2/sessions/{browser.session_id}/conversations{query}"
    return browser.call("GET", path, headers=browser.bearer())


def read(browser: KeyedBrowser, conversation: str, query: str = "") -> requests.Response:
    path = f"/v2/sessions/{browser.session_id}/conversations/{conversation}/messages{query}"
    return browser.call("GET", path, headers=browser.bearer())


def talk(company: Company, subject: str, *texts: str) -> KeyedBrowser:
    """A conversation of the person, in a browser of its own, which is closed by now."""
    browser = company.start(company.token(sub=subject))
    for text in texts:
        browser.customer().send(text)
    Desk(conversation_of(browser), tenant=company.tenant).close()
    return browser


@pytest.fixture
def subject() -> str:
    return f"person-{uuid4().hex[:8]}"


def test_a_person_reads_what_was_said_before(shop: Company, subject: str) -> None:
    first = talk(shop, subject, "About mugs", "Thank you")
    second = talk(shop, subject, "About plates")
    now = shop.start(shop.token(sub=subject))
    now.customer().send("And now bowls")
    answer = listed(now)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    rows = answer.json()["data"]
    assert [row["id"] for row in rows] == [conversation_of(second), conversation_of(first)]
    assert [row["status"] for row in rows] == ["CLOSED", "CLOSED"]
    assert all(set(row) == {"id", "status", "created_at", "last_message"} for row in rows)
    said = [row["last_message"]["text"] for row in rows]
    assert said == ["About plates", "Thank you"], "and not the closing line"
    body = read(now, conversation_of(first)).json()
    assert body["status"] == "CLOSED"
    assert [one["text"] for one in body["messages"]][:2] == ["About mugs", "Thank you"]
    before = read(now, conversation_of(first), "?before=2").json()["messages"]
    assert [one["text"] for one in before] == ["About mugs"]


def test_the_list_is_read_page_by_page(shop: Company, subject: str) -> None:
    begun = [conversation_of(talk(shop, subject, f"Number {number}")) for number in range(3)]
    now = shop.start(shop.token(sub=subject))
    found: list[str] = []
    query: str | None = "?limit=2"
    while query is not None:
        page = listed(now, query).json()
        found += [row["id"] for row in page["data"]]
        query = page["next_cursor"] and f"?limit=2&cursor={page['next_cursor']}"
    assert found == begun[::-1]
    assert_refused(listed(now, "?limit=0"), 400, "invalid_parameter")
    assert_refused(listed(now, "?cursor=none"), 400, "invalid_parameter")
    assert_refused(read(now, begun[0], "?before=x"), 400, "invalid_parameter")


def test_nothing_is_listed_to_nobody_in_particular(shop: Company, subject: str) -> None:
    talk(shop, subject, "Mine")
    now = shop.start(shop.token(sub=subject))
    assert len(listed(now).json()["data"]) == 1
    # A session that goes on with the person's conversation, and proves nothing of who is there.
    other = shop.start(token=now.token)
    assert conversation_of(other) == conversation_of(now)
    assert listed(other).json() == {"data": [], "next_cursor": None}
    assert listed(shop.start()).json()["data"] == []


def test_nobody_else_reads_them(shop: Company, bank: Company, subject: str) -> None:
    earlier = conversation_of(talk(shop, subject, "Mine"))
    now = shop.start(shop.token(sub=subject))
    strangers = [
        shop.start(),
        shop.start(shop.token(sub="other")),
        bank.start(bank.token(sub=subject)),
    ]
    for stranger in strangers:
        assert earlier not in [row["id"] for row in listed(stranger).json()["data"]]
        assert_refused(read(stranger, earlier), 404, "conversation_not_found")
        # Nor with their own token by the session of the one whose they are.
        for path in ("conversations", f"conversations/{earlier}/messages"):
            borrowed = stranger.call(
                "GET", f"/v2/sessions/{now.session_id}/{path}", headers=stranger.bearer()
            )
            assert borrowed.status_code in (401, 403, 404), borrowed.text
            assert "Mine" not in borrowed.text
    assert_refused(read(now, str(uuid4())), 404, "conversation_not_found")
    assert_refused(read(now, conversation_of(now)), 404, "conversation_not_found")


def test_without_the_sessions_token_there_is_no_answer(shop: Company, subject: str) -> None:
    earlier = conversation_of(talk(shop, subject, "Mine"))
    now = shop.start(shop.token(sub=subject))
    for path in ("conversations", f"conversations/{earlier}/messages"):
        place = f"/v2/sessions/{now.session_id}/{path}"
        assert_refused(now.call("GET", place), 401, "invalid_token")
        headers: Any = {**now.bearer(), "Origin": "https://other.example"}
        assert_refused(now.call("GET", place, headers=headers), 403, "origin_mismatch")
    token = now.bearer()
    assert now.call("DELETE", f"/v2/sessions/{now.session_id}", headers=token).status_code == 204
    assert_refused(listed(now), 410, "session_ended")


def test_what_was_blocked_or_is_empty_is_left_out(shop: Company, subject: str) -> None:
    empty = shop.start(shop.token(sub=subject))
    Desk(conversation_of(empty), tenant=shop.tenant).close()
    rude = talk(shop, subject, "Rude")
    now = shop.start(shop.token(sub=subject))
    assert [row["id"] for row in listed(now).json()["data"]] == [conversation_of(rude)]
    Desk(conversation_of(rude), tenant=shop.tenant).block()
    assert listed(now).json()["data"] == []
    assert_refused(read(now, conversation_of(rude)), 404, "conversation_not_found")
