"""Receipts: who has got and seen which messages, live, after a reload and without a socket."""

import json
from contextlib import ExitStack
from dataclasses import replace
from uuid import UUID

import pytest

from conversations.models import Conversation
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import Desk, setting
from tests.conftest import Stage
from tests.customer import Customer
from tests.keyed_browser import KeyedBrowser
from tests.sockets.typed import TypedSocket, typed
from tests.waiting import wait_until

SEQS = (
    *("agents_delivered_seq", "agents_seen_seq"),
    *("customer_delivered_seq", "customer_seen_seq"),
)


def stored(visitor: Customer) -> tuple[int, ...]:
    with tenant_scope(UUID(visitor.tenant_id)) as tenant:
        rows = Conversation.objects.filter(tenant=tenant, pk=visitor.conversation_id)
        found: tuple[int, ...] = rows.values_list(*SEQS).get()
        return found


def told(socket: TypedSocket, **receipts: int) -> dict[str, object]:
    """What the server answers to these receipts."""
    socket.ask("receipts", **receipts)
    return socket.next_where(type="receipts")


def with_session(stage: Stage, tenant: Tenant) -> Customer:
    browser = KeyedBrowser(stage.web, tenant=tenant.slug).start(name="Mara")
    return replace(browser.customer(), tenant_id=str(tenant.pk))


def wait_for(visitor: Customer, *expected: int) -> None:
    wait_until(lambda: stored(visitor)[: len(expected)] == expected, "stored receipts")


def test_what_the_channel_has_is_known_after_a_reload(stage: Stage, default_tenant: Tenant) -> None:
    mara = with_session(stage, default_tenant)
    desk = Desk(mara.conversation_id, tenant=default_tenant)
    with typed(mara) as socket:
        assert told(socket) == {"type": "receipts", "delivered_seq": 0, "seen_seq": 0}
        desk.claim()
        assert stored(mara) == (0, 0, 0, 0), "nothing was there to be seen"
        mara.send("Hello")
        wait_for(mara, 1, 0)
        history = mara.call("GET", "messages").json()
        assert history["receipts"] == {"delivered_seq": 1, "seen_seq": 0}
        desk.reply("Hi")
        seen = socket.next_where(type="receipts")
        assert seen == {"type": "receipts", "delivered_seq": 1, "seen_seq": 1}
        assert socket.next()["text"] == "Hi", "after what it shows about the question"
    assert mara.call("GET", "messages").json()["receipts"] == {"delivered_seq": 1, "seen_seq": 1}
    with typed(mara) as again:
        assert told(again) == seen, "a new socket asks"
    assert "receipts" not in mara.history(), "v1 pages are told nothing new"


def test_what_the_customer_has_seen_only_grows(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    desk.claim()
    with typed(visitor) as socket, typed(visitor, stage.second_web) as other:
        for text in ("One", "Two", "Three"):
            desk.reply(text)
            socket.next_where(text=text)
            other.next_where(text=text)
        told(socket, delivered_seq=2)
        assert stored(visitor)[2:] == (2, 0)
        told(socket, seen_seq=2)
        assert stored(visitor)[2:] == (2, 2)
        told(other, delivered_seq=1, seen_seq=1)
        assert stored(visitor)[2:] == (2, 2), "an older tab changes nothing"
        told(other, seen_seq=2**31 - 1)
        assert stored(visitor)[2:] == (3, 3), "what is not there cannot be seen"
        socket.ask("receipts", seen_seq=2)
        socket.ask("ping")
        assert socket.next()["type"] == "pong", "what says nothing new is not answered"


def test_a_message_that_came_by_a_call_counts_before_the_socket_shows_it(stage: Stage) -> None:
    visitor = stage.customer()
    with typed(visitor) as socket:
        for number in range(6):
            visitor.send(f"{number}")
            socket.next_where(text=f"{number}")
        told(socket, seen_seq=6)
        with tenant_scope(UUID(visitor.tenant_id)):
            # Its push is still on the way.
            Conversation.objects.filter(pk=visitor.conversation_id).update(last_seq=7)
        told(socket, seen_seq=7)
        assert stored(visitor)[2:] == (7, 7)
        socket.ask("receipts", seen_seq=8)
        socket.ask("receipts", seen_seq=8)
        assert socket.next_where(type="receipts")
        socket.ask("ping")
        assert socket.next()["type"] == "pong", "the same again asks nothing of the database"
    assert stored(visitor)[2:] == (7, 7)


@pytest.mark.parametrize("seq", [-1, 1.5, True, "3", [3], 2**31])
def test_a_receipt_that_is_none_is_refused(stage: Stage, seq: object) -> None:
    visitor = stage.customer()
    with typed(visitor) as socket:
        socket.ask("receipts", seen_seq=seq)
        error = socket.next()
        assert (error["type"], error["code"]) == ("error", "invalid_parameter")
    body = {"seen_seq": seq}
    answer = visitor.post_receipts(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert stored(visitor) == (0, 0, 0, 0)


def test_a_flood_of_receipts_uses_up_the_budget_of_messages(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = stage.customer()
    with setting(default_tenant, "rl.ws.points", 3), typed(visitor) as socket:
        for _ in range(5):
            socket.ask("receipts", seen_seq=1)
        assert socket.next_where(type="error")["code"] == "rate_limited"


def test_a_widgets_receipts_cost_no_message(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    with setting(default_tenant, "rl.ws.points", 1), ExitStack() as tabs:
        for _ in range(3):
            socket = tabs.enter_context(typed(visitor))
            socket.ask("receipts", seen_seq=1)
            assert socket.next_where(type="receipts")["seen_seq"] == 0
        assert socket.message("Hello")["type"] == "ack"


def test_a_page_without_a_socket_says_it_by_http(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    desk.claim()
    desk.reply("Hi")
    answer = visitor.post_receipts({"delivered_seq": 1, "seen_seq": None})
    assert (answer.status_code, answer.json()) == (200, {"delivered_seq": 0, "seen_seq": 0})
    assert stored(visitor)[2:] == (1, 0)
    assert visitor.post_receipts({"seen_seq": 9}).status_code == 200
    assert stored(visitor)[2:] == (1, 1)


def test_v1_sockets_hear_nothing_of_it(stage: Stage, default_tenant: Tenant) -> None:
    visitor = stage.customer()
    desk = Desk(visitor.conversation_id, tenant=default_tenant)
    plain = visitor.socket()
    with typed(visitor) as socket:
        told(socket)
        visitor.send("Hello")
        wait_for(visitor, 1, 0)
        desk.claim()
        assert socket.next_where(type="receipts")["seen_seq"] == 1
    desk.reply("Hi")
    frames = [plain.next()]
    while frames[-1].get("text") != "Hi":
        frames.append(plain.next())
    assert "receipts" not in json.dumps(frames) and "delivered" not in json.dumps(frames)
