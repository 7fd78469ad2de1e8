"""Everything once, in order, on every socket, whoever writes at whichever process."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tenants.models import Tenant
from tests.cast import Desk, setting
from tests.conftest import Stage
from tests.customer import Customer, Socket

PER_WRITER = 15


def messages_until(socket: Socket, last_text: str) -> list[tuple[int, str]]:
    """Every message that a socket shows up to a certain one."""
    seen: list[tuple[int, str]] = []
    while not seen or seen[-1][1] != last_text:
        seen.append(_message(socket))
    return seen


@pytest.fixture
def unlimited(default_tenant: Tenant) -> Iterator[Tenant]:
    """The default tenant, whose conversations may say as much as they like."""
    with setting(default_tenant, "rl.ws.points", 0), setting(default_tenant, "rl.send.points", 0):
        yield default_tenant


def test_every_socket_shows_the_history(stage: Stage, unlimited: Tenant) -> None:
    visitor = stage.customer()
    webs = (stage.web, stage.second_web)
    desk = Desk(visitor.conversation_id, tenant=unlimited)
    desk.claim()
    listeners = [visitor.socket(web) for web in webs for _ in range(2)]
    writers = [visitor.socket(web) for web in webs for _ in range(2)]
    ready = threading.Barrier(len(writers) + 3)

    def by_socket(number: int) -> None:
        ready.wait()
        for line in range(PER_WRITER):
            writers[number].say(f" socket {number} line {line} ")

    def by_http(number: int) -> None:
        ready.wait()
        for line in range(PER_WRITER - 1):
            visitor.send(f"http {number} line {line}", web=webs[number])

    def by_agent() -> None:
        ready.wait()
        for line in range(PER_WRITER):
            desk.reply(f"agent line {line}")
        # This thread's own: it would outlive the thread, and hold the database at the end.
        connection.close()

    with ThreadPoolExecutor(len(writers) + 3) as pool:
        work = [pool.submit(by_socket, number) for number in range(len(writers))]
        work += [pool.submit(by_http, number) for number in range(2)]
        work.append(pool.submit(by_agent))
        for piece in work:
            piece.result()
    # The frames of the writers may still be on their way; the last word comes after their echoes.
    expected = PER_WRITER * 5 + (PER_WRITER - 1) * 2
    first = [_message(listeners[0]) for _ in range(expected)]
    desk.reply("the end")

    history = [(m["seq"], m["text"]) for m in visitor.history()["messages"]]
    assert [seq for seq, _ in history] == list(range(1, expected + 2))
    assert [*map(_trimmed, first), (expected + 1, "the end")] == history
    for socket in (*listeners[1:], *writers):
        assert list(map(_trimmed, messages_until(socket, "the end"))) == history
    for number, writer in enumerate(writers):
        assert _lines(history, f"socket {number}") == list(range(PER_WRITER)), writer
    assert _lines(history, "agent") == list(range(PER_WRITER))


def _message(socket: Socket) -> tuple[int, str]:
    frame = socket.next_message()
    return frame["seq"], frame["text"]


def _trimmed(message: tuple[int, str]) -> tuple[int, str]:
    return message[0], message[1].strip()


def _lines(history: list[tuple[int, str]], writer: str) -> list[int]:
    return [int(text.split()[-1]) for _, text in history if text.startswith(f"{writer} line")]


def test_a_sender_sees_its_own_words_raw_while_others_write(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = stage.customer()
    Desk(visitor.conversation_id, tenant=default_tenant).claim()
    here, there = visitor.socket(stage.web), visitor.socket(stage.second_web)

    def talk(socket: Socket, who: str) -> None:
        for line in range(PER_WRITER):
            socket.say(f"  {who} {line}\t")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(talk, (here, there), ("here", "there")))
    for socket in (here, there):
        frames = [socket.next_message() for _ in range(2 * PER_WRITER)]
        assert [frame["seq"] for frame in frames] == list(range(1, 2 * PER_WRITER + 1))
        own = "here" if socket is here else "there"
        assert [frame["text"] for frame in frames if own == frame["text"].split()[0]] == [
            f"  {own} {line}\t" for line in range(PER_WRITER)
        ]


@pytest.fixture(scope="module")
def talk(stage: Stage) -> Customer:
    """A conversation of six messages."""
    visitor = stage.customer()
    for number in range(1, 7):
        visitor.send(f"message {number}")
    return visitor


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("0", [1, 2, 3, 4, 5, 6]),
        ("4", [5, 6]),
        ("6", []),
        ("99", []),
        ("", []),
        ("-1", []),
        ("x", []),
        ("9" * 50, []),
    ],
)
def test_a_socket_goes_on_where_it_was(
    stage: Stage, talk: Customer, after: str, expected: list[int]
) -> None:
    socket = talk.socket(stage.second_web, f"&after={after}")
    frames = [socket.next() for _ in expected]
    assert [(f["seq"], f["text"]) for f in frames] == [(n, f"message {n}") for n in expected]
    socket.say(" ")
    assert socket.next() == {"error": "message rejected"}, "nothing else came"
    socket.close()


def test_reconnecting_while_somebody_writes_misses_and_repeats_nothing(
    stage: Stage, default_tenant: Tenant
) -> None:
    visitor = stage.customer()
    Desk(visitor.conversation_id, tenant=default_tenant).claim()
    total = 60
    with setting(default_tenant, "rl.send.points", 0):
        assert visitor.history()["messages"] == []

        def write() -> None:
            for number in range(1, total + 1):
                visitor.send(f"{number}", web=stage.second_web)

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            seen: list[int] = []
            while len(seen) < total:
                socket = visitor.socket(query=f"&after={len(seen)}")
                for _ in range(min(7, total - len(seen))):
                    seen.append(socket.next_message()["seq"])
                socket.close()
            writing.result()
    assert seen == list(range(1, total + 1))
