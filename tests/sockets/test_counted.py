"""Sockets are counted, and so is what comes in on them, for the conversation and the address."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest
from django.db import connection

from conversations.socket.open_sockets import Counted, OpenSockets, counted_for, left_of, set_of
from kernel.errors import RateLimited
from tenants.models import Tenant
from tenants.redis_client import key, redis_client
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer, Socket
from tests.sockets.test_frames import closing_code
from tests.sockets.typed import TypedSocket
from tests.waiting import wait_until

MOST = 20


def one_more(visitor: Customer, web: str) -> Socket:
    """A socket that has not read its greeting."""
    address = web.replace("http://", "ws://")
    return Socket(
        f"{address}/v1/ws?token={visitor.token}",
        additional_headers={"X-Forwarded-For": visitor.address},
    )


def test_sockets_and_calls_share_one_budget(stage: Stage) -> None:
    visitor, other = stage.customer(), stage.customer()
    first, second = visitor.socket(), visitor.socket(stage.second_web)
    for number in range(10):
        first.say(f"first {number}")
        assert first.next_message()["text"] == f"first {number}"
        visitor.send(f"by call {number}", web=stage.second_web)
        first.next_message()
    for _ in range(10):
        second.say(" ")
    for _ in range(10):
        assert second.next_where(error="message rejected")
    refused = visitor.call("POST", "messages", json={"text": "one more"})
    assert_refused(refused, 429, "rate_limited")
    first.say("and one more")
    assert first.next_where(error="rate_limited") == {"error": "rate_limited"}
    assert closing_code(first) == 1008
    assert len(visitor.history()["messages"]) == 20
    other.send("somebody else is served")


def test_a_conversation_has_so_many_sockets_in_all_processes(stage: Stage) -> None:
    visitor, other = stage.customer(), stage.customer()
    webs = (stage.web, stage.second_web)
    with ExitStack() as stack:
        opened = [visitor.socket(webs[number % 2]) for number in range(MOST)]
        for socket in opened:
            stack.callback(socket.close)
        for web in webs:
            refused = one_more(visitor, web)
            assert refused.next() == {"error": "rate_limited"}
            assert closing_code(refused) == 1008
        assert other.socket(), "another conversation is no concern of it"
        opened[-1].close()
        # The place is free as soon as the process has noticed; it says so to the other one, too.

        def is_greeted() -> bool:
            greeting = one_more(visitor, stage.second_web).next()
            assert greeting in ({"ok": True}, {"error": "rate_limited"})
            return "ok" in greeting

        wait_until(is_greeted, "the second web process knows that there is room")


def test_a_typed_socket_is_told_why(stage: Stage) -> None:
    visitor = stage.customer()
    opened = [visitor.socket() for _ in range(MOST)]
    refused = TypedSocket(f"{stage.web.replace('http', 'ws')}/v1/ws", visitor.token)
    error = refused.next()
    assert (error["type"], error["code"]) == ("error", "rate_limited")
    assert "Close one of them" in error["message"]
    assert closing_code(refused) == 1008
    for socket in opened:
        socket.close()


def test_a_locked_conversation_delays_nobody_else(stage: Stage, default_tenant: Tenant) -> None:
    """Twenty senders wait for one row; a neighbour's message is stored meanwhile."""
    visitor, neighbour = stage.customer(), stage.customer()
    with ThreadPoolExecutor(20) as pool:
        with tenant_scope(default_tenant.pk), connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM conversations_conversation WHERE id = %s FOR UPDATE",
                [UUID(visitor.conversation_id)],
            )
            waiting = [pool.submit(visitor.send, f"{number}") for number in range(20)]
            wait_for_lock_waiters(2)
            neighbour.send("Hello")
            assert not any(sent.done() for sent in waiting)
        assert sorted(sent.result()["seq"] for sent in waiting) == [*range(1, 21)]


def test_a_tenant_with_many_locked_conversations_leaves_threads_to_others(
    stage: Stage, acme: Tenant
) -> None:
    """More senders wait for rows than a web process has threads; a neighbour is served by it."""
    locked = [stage.customer(tenant=acme.slug) for _ in range(6)]
    for visitor in locked:
        visitor.send("So that this process knows whose conversation it is")
    neighbour = stage.customer()
    with ThreadPoolExecutor(24) as pool:
        with tenant_scope(acme.pk), connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM conversations_conversation WHERE id = ANY(%s) FOR UPDATE",
                [[UUID(visitor.conversation_id) for visitor in locked]],
            )
            waiting = [pool.submit(locked[n % 6].send, f"{n}") for n in range(24)]
            wait_for_lock_waiters(4)
            neighbour.send("Hello")
            assert not any(sent.done() for sent in waiting)
        assert len({sent.result()["seq"] for sent in waiting}) == 4


def wait_for_lock_waiters(number: int) -> None:
    with connection.cursor() as cursor:

        def is_so() -> bool:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool(cursor.fetchone()[0] >= number)

        wait_until(is_so, f"{number} sessions wait for a lock")


# --- counting by itself, with a real Redis ---------------------------------------------------


@pytest.fixture
def counted() -> Iterator[tuple[Counted, ...]]:
    """Two bounds: three for the first, two for the second."""
    names = [key("test-sockets", uuid4()) for _ in range(2)]
    yield (Counted(names[0], 3, "Three."), Counted(names[1], 2, "Two."))
    redis_client().delete(*names)


def test_the_narrowest_bound_holds_for_all_processes(counted: tuple[Counted, ...]) -> None:
    here, there = OpenSockets(), OpenSockets()
    entry = here.enter(counted)
    there.enter(counted)
    for process in (here, there):
        with pytest.raises(RateLimited, match="Two"):
            process.enter(counted)
    here.enter(counted[:1])
    with pytest.raises(RateLimited, match="Three"):
        there.enter(counted[:1])
    here.leave(entry)
    assert here.enter(counted)
    with pytest.raises(RateLimited):
        there.enter(counted)


def test_only_a_conversation_remembers_when_it_was_left() -> None:
    tenant_id, conversation_id, network = uuid4(), uuid4(), "203.0.113.7"
    sockets = OpenSockets()
    entry = sockets.enter(counted_for(tenant_id, conversation_id, network))
    before = int(time.time())
    sockets.leave(entry, has_hung_up=True)
    after = int(time.time())
    name = left_of(set_of(tenant_id, conversation_id))
    # As if Redis had been away for an hour.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: after + 3600.0)
        sockets._write_left()
    kept = [each.decode() for each in redis_client().scan_iter(f"*{tenant_id}*")]
    assert kept == [name], "nothing of an address"
    assert before <= int(redis_client().get(name) or 0) <= after
    redis_client().delete(name)


def test_a_killed_process_leaks_no_counts(counted: tuple[Counted, ...]) -> None:
    killed, alive = OpenSockets(), OpenSockets()
    for _ in range(2):
        killed.enter(counted)
    with pytest.raises(RateLimited):
        alive.enter(counted)
    # It has not said for a while that it lives.
    redis_client().delete(key("process", killed._process))
    assert alive.enter(counted)


def test_a_process_that_ends_takes_its_counts_along(counted: tuple[Counted, ...]) -> None:
    before, after = OpenSockets(), OpenSockets()
    for _ in range(2):
        before.enter(counted)
    before.leave_all()
    assert after.enter(counted)


def test_an_emptied_redis_is_told_again(counted: tuple[Counted, ...]) -> None:
    here, there = OpenSockets(), OpenSockets()
    for _ in range(2):
        here.enter(counted)
    redis_client().delete(*(one.name for one in counted), key("process", here._process))
    here._beat(5)
    with pytest.raises(RateLimited):
        there.enter(counted)


def test_without_redis_a_process_counts_its_own(
    counted: tuple[Counted, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = OpenSockets()
    monkeypatch.setattr(here._breaker, "_open_until", float("inf"))
    for _ in range(2):
        here.enter(counted)
    with pytest.raises(RateLimited):
        here.enter(counted)
