"""A conversation's sessions, as its agents see and end them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused
from tests.customer import Socket
from tests.keyed_browser import KeyedBrowser, age


@pytest.fixture
def browser(acme: Server) -> KeyedBrowser:
    """A browser of a customer of acme."""
    return KeyedBrowser(acme.base_url, tenant=acme.tenant.slug).start(name="Mara")


def sessions_of(browser: KeyedBrowser) -> str:
    return f"conversations/{browser.started['conversation_id']}/sessions"


def typed_socket(browser: KeyedBrowser) -> Socket:
    address = browser.web.replace("http://", "ws://")
    socket = Socket(f"{address}/v1/ws", subprotocols=["chatorical.v2", browser.token])
    assert socket.next() == {"ok": True}
    return socket


def test_sessions_are_listed_in_words(acme: Server, browser: KeyedBrowser) -> None:
    second = KeyedBrowser(acme.base_url).start(browser.token)
    age(acme.tenant.pk, browser.session_id, timedelta(days=31))
    shown = acme.get(sessions_of(browser)).json()
    assert shown["next_cursor"] is None
    newest, oldest = shown["data"]
    assert [newest["id"], oldest["id"]] == [second.session_id, browser.session_id]
    assert (newest["device"], newest["state"]) == ("Chrome on Windows", "active")
    assert (oldest["state"], oldest["end_reason"]) == ("expired", "expired")
    assert newest["end_reason"] is newest["ended_at"] is newest["origin"] is None
    assert newest["last_seen_at"] <= newest["expires_at"]
    page = acme.get(f"{sessions_of(browser)}?limit=1").json()
    assert page["data"] == [newest] and page["next_cursor"]


def test_an_ended_session_is_of_no_use_from_that_moment(
    acme: Server, browser: KeyedBrowser
) -> None:
    challenge, socket = browser.challenge(), typed_socket(browser)
    beside = KeyedBrowser(acme.base_url).start(browser.token)
    socket_beside = typed_socket(beside)
    for _ in range(2):
        answer = acme.delete(f"{sessions_of(browser)}/{browser.session_id}")
        assert (answer.status_code, answer.content) == (204, b"")
    frame = socket.next_where(type="error")
    assert frame["code"] == "session_ended"
    assert socket.close_code() == 1008
    mara = browser.customer()
    for refused in (
        browser.on_session("challenge"),
        browser.answer(challenge),
        mara.call("POST", "messages", json={"text": "Hello"}),
        mara.call("GET", "messages"),
        mara.call("PATCH", "name", json={"name": "Mara"}),
        browser.call("POST", "/v2/ws/token", headers=browser.bearer()),
        browser.try_start(browser.token),
    ):
        error = assert_refused(refused, 410, "session_ended")
        assert error["details"] == {"reason": "revoked"}
    socket_beside.say('{"type": "ping"}')
    assert socket_beside.next()["type"] == "pong", "another browser goes on"
    socket_beside.close()
    with tenant_scope(acme.tenant.pk):
        trail = AuditEntry.objects.filter(
            object_id=mara.conversation_id, action="conversation.session_ended"
        )
        noted = [(entry.actor_kind, entry.changes) for entry in trail]
    assert noted == [("api_key", {"device": "Chrome on Windows"})]


def test_blocking_ends_them_all(acme: Server, browser: KeyedBrowser) -> None:
    second = KeyedBrowser(acme.base_url).start(browser.token)
    socket = typed_socket(second)
    assert acme.post(sessions_of(browser).replace("sessions", "block")).status_code == 200
    assert socket.next_where(type="error")["code"] == "session_ended"
    assert socket.close_code() == 1008
    for one in (browser, second):
        error = assert_refused(one.on_session("challenge"), 410, "session_ended")
        assert error["details"] == {"reason": "blocked"}
    assert {row["end_reason"] for row in acme.get(sessions_of(browser)).json()["data"]} == {
        "blocked"
    }


def test_erasing_the_customer_leaves_nothing_of_them(acme: Server, browser: KeyedBrowser) -> None:
    assert acme.post(sessions_of(browser).replace("sessions", "erase")).status_code == 200
    error = assert_refused(browser.on_session("challenge"), 410, "session_ended")
    assert error["details"] == {"reason": "erased"}
    assert_refused(
        browser.call("POST", "/v2/ws/token", headers=browser.bearer()), 410, "session_ended"
    )


def test_only_its_own_conversation_has_a_session(acme: Server, browser: KeyedBrowser) -> None:
    other = KeyedBrowser(acme.base_url, tenant=acme.tenant.slug).start()
    for session_id in (other.session_id, str(uuid4())):
        refused = acme.delete(f"{sessions_of(browser)}/{session_id}")
        assert_refused(refused, 404, "session_not_found")
    assert other.on_session("challenge").status_code == 200
