"""Callers who would like to keep the server busy with nothing, and what browsers are told."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from select import select
from urllib.parse import urlsplit

import pytest
import requests
from websockets.sync.client import connect

from attachments.tests import hostile
from attachments.tests.sending import sent
from tenants.models import Tenant
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer, arrive, new_address
from tests.processes import Product


@pytest.fixture(scope="module")
def impatient(stage: Stage) -> Iterator[str]:
    """A web process that waits a second for bodies."""
    with Product({**stage.product.environment, "BODY_TIMEOUT_SEC": "1"}) as product:
        yield product.web()[1]


@pytest.mark.parametrize("path", ["/v1/conversations/start", "/v2/admin/api-keys", "/admin/login/"])
def test_a_body_that_trickles_ends(impatient: str, path: str) -> None:
    address = urlsplit(impatient)
    with socket.create_connection((address.hostname or "", address.port or 0), 30) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Content-Length: 100\r\n\r\n{".encode()
        )
        # It ends by itself: the answer, then the end of the connection.
        answer = connection.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 "), answer
    assert b"connection: close" in head.lower()
    assert b'"request_timeout"' in body


def test_an_upload_that_trickles_ends(impatient: str) -> None:
    """Whose it is is known before its body, which has to arrive all the same."""
    visitor = arrive(impatient)
    path = f"/v2/conversations/{visitor.conversation_id}/attachments"
    answer = answer_of(
        impatient,
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Authorization: Bearer {visitor.token}\r\nContent-Length: 1000\r\n\r\n--b\r\n".encode(),
    )
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert b'"request_timeout"' in answer


def test_slow_uploads_of_some_tenants_leave_room_for_others(
    stage: Stage, acme: Tenant, globex: Tenant
) -> None:
    """Senders of two tenants take all places, each of them faster than the least speed."""
    few = {
        "LONG_ANSWERS": "4",
        "LONG_ANSWERS_PER_TENANT": "2",
        "LONG_ANSWERS_PER_CONVERSATION": "1",
    }
    with Product({**stage.product.environment, **few}) as product, ExitStack() as held:
        web = product.web()[1]
        slow = [
            held.enter_context(upload_under_way(arrive(web, tenant=tenant.slug)))
            for tenant in (acme, globex)
            for _ in range(2)
        ]
        assert sent(arrive(web), hostile.picture())["id"]
        ended, _, _ = select(slow, [], [], 60)
        assert len(ended) == 1, "one makes room, and only one"
        said = ended[0].makefile("rb").read()
        assert said.startswith(b"HTTP/1.1 429 "), said
        assert b"Too many uploads are on their way" in said


@contextmanager
def upload_under_way(visitor: Customer) -> Iterator[socket.socket]:
    """A connection whose upload has its place, and has sent a first piece."""
    address = urlsplit(visitor.web)
    with socket.create_connection((address.hostname or "", address.port or 0), 60) as connection:
        connection.sendall(
            f"POST /v2/conversations/{visitor.conversation_id}/attachments HTTP/1.1\r\n"
            f"Host: x\r\nX-Forwarded-For: {visitor.address}\r\n"
            f"Authorization: Bearer {visitor.token}\r\nExpect: 100-continue\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n"
            "Content-Length: 9000000\r\n\r\n".encode()
        )
        # It is asked for when its place is taken.
        assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"--b\r\n")
        yield connection


def test_browsers_are_told_how_to_treat_every_answer(stage: Stage) -> None:
    ordinary = ("/health", "/v1/nothing", "/widget.js", "/docs/openapi.yaml", "/admin/login/")
    heads = [f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" for path in ordinary]
    # A head that is refused unread, and sockets that are.
    heads += [
        "GET /health HTTP/1.1\r\nno header at all\r\n\r\n",
        *map(upgrade, ("/v1/ws", "/v2/x")),
    ]
    for head in heads:
        answer = answer_of(stage.web, head.encode()).lower()
        for told in (b"x-content-type-options: nosniff", b"x-frame-options: deny"):
            assert answer.count(told) == 1, answer
        assert answer.count(b"referrer-policy: same-origin") == 1, answer
    script = requests.get(f"{stage.web}/widget.js", timeout=30)
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def upgrade(path: str, *, more: str = "Host: x\r\n") -> str:
    """The head that asks for a socket."""
    return (
        f"GET {path} HTTP/1.1\r\n{more}Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )


def answer_of(address: str, sent: bytes) -> bytes:
    """All that comes back before the server hangs up."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(sent)
        return connection.makefile("rb").read()


def test_headers_that_trickle_end(impatient: str) -> None:
    answer = answer_of(impatient, b"GET /health HTTP/1.1\r\nHost: x\r\nX-Filler: x")
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert b'"request_timeout"' in answer


def test_whoever_connects_and_says_nothing_is_let_go(impatient: str) -> None:
    assert answer_of(impatient, b"") == b""


def test_a_second_request_may_not_trickle_either(impatient: str) -> None:
    answer = answer_of(impatient, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HT")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


@pytest.mark.parametrize("more", [b"\r\n", b"Upgrade"], ids=["nothing", "half a request"])
def test_a_connection_that_was_answered_is_not_held_by_a_few_bytes(
    impatient: str, more: bytes
) -> None:
    parts = urlsplit(impatient)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(more)
        while connection.recv(65536):
            pass


def test_a_body_that_was_refused_is_not_read_for_ever(stage: Stage) -> None:
    path = "/v1/conversations/start"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n"
    assert answer_of(stage.web, head.encode()).startswith(b"HTTP/1.1 413 ")


def test_headers_have_a_size(stage: Stage) -> None:
    headers = {"X-Filler": "x" * 60_000}
    assert requests.get(f"{stage.web}/health", headers=headers, timeout=30).status_code == 200
    for too_much in (
        {"X-Filler": "x" * 70_000},
        {f"X-{number}": "x" for number in range(120)},
    ):
        answer = requests.get(f"{stage.web}/health", headers=too_much, timeout=30)
        assert_refused(answer, 431, "headers_too_large")


def test_headers_without_end_are_not_collected(stage: Stage) -> None:
    """A megabyte of one header, and the connection is gone before the hundredth."""
    parts = urlsplit(stage.web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Filler: ")
        with pytest.raises(OSError):
            for _ in range(100):
                connection.sendall(b"x" * 1_000_000)
    assert requests.get(f"{stage.web}/health", timeout=30).status_code == 200


def test_trailers_without_end_are_not_collected(stage: Stage) -> None:
    parts = urlsplit(stage.web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(
            b"POST /v1/conversations/start HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\n{}\r\n0\r\nX-Filler: "
        )
        with pytest.raises(OSError):
            for _ in range(100):
                connection.sendall(b"x" * 1_000_000)


def test_trailers_are_no_headers(stage: Stage) -> None:
    """A proxy replaces what callers claim in the head; what stands behind the body it passes on."""
    head = (
        "POST /v1/conversations/start?t=nobody HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n"
        f"X-Forwarded-For: {new_address()}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n"
    )
    plain = answer_of(stage.web, f"{head}\r\n".encode())
    assert plain.startswith(b"HTTP/1.1 404 "), plain
    assert b"tenant_not_found" in plain
    # Each would change the answer in the head.
    for trailer in ("X-Tenant-ID: default", "Host: y", "Content-Type: text/plain"):
        answer = answer_of(stage.web, f"{head}{trailer}\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 404 "), (trailer, answer)
        assert b"tenant_not_found" in answer
    address = new_address()
    statuses = []
    for number in range(25):
        start = head.replace("?t=nobody", "").replace(
            "X-Forwarded-For: ", f"X-Forwarded-For: {address}\r\nX-Was: "
        )
        trailer = f"X-Forwarded-For: 203.0.113.{number}\r\n\r\n"
        statuses.append(answer_of(stage.web, (start + trailer).encode())[9:12])
    assert b"429" in statuses, "all of them came from one address"


def test_a_request_is_for_one_host(stage: Stage) -> None:
    head = b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
    assert answer_of(stage.web, head).startswith(b"HTTP/1.1 400 ")


def test_a_socket_is_for_one_host_and_its_headers_have_a_number(stage: Stage) -> None:
    path = f"/v1/ws?token={stage.customer().token}"
    many = "Host: x\r\n" + "".join(f"X-{number}: x\r\n" for number in range(110))
    for more, status in (("Host: a\r\nHost: b\r\n", 403), (many, 431)):
        answer = answer_of(stage.web, upgrade(path, more=more).encode())
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    with connect(f"{stage.web.replace('http', 'ws', 1)}{path}") as socket:
        assert json.loads(socket.recv(timeout=60)) == {"ok": True}


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ("Host: x\r\nContent-Length: 1\r\n", b""),
        ("Host: x\r\nContent-Length: 5\r\n", b"hello"),
        ("Host: x\r\nTransfer-Encoding: chunked\r\n", b"1\r\nx\r\n0\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/ws", "/health"])
def test_a_socket_begins_without_a_body(stage: Stage, path: str, more: str, body: bytes) -> None:
    answer = answer_of(stage.web, upgrade(path, more=more).encode() + body)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"begins with a GET that has no body" in answer


@pytest.mark.parametrize("head", [b"\x89\x80", b"\x8a\x80", b"\x00\x80"])
def test_frames_that_are_no_messages_have_a_number(stage: Stage, head: bytes) -> None:
    """Empty pings, pongs and continuations, whose six bytes cost as much as a message."""
    visitor = stage.customer()
    begun = b"\x01\x80" if head.startswith(b"\x00") else b""
    mask = bytes(4)
    parts = urlsplit(stage.web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(upgrade(f"/v1/ws?token={visitor.token}").encode())
        heard = connection.makefile("rb")
        while b"ok" not in (line := heard.readline()):
            assert line, "the socket was refused"
            if line == b"\r\n":
                break
        frames = (begun + mask if begun else b"") + (head + mask) * 5000
        with suppress(ConnectionError):
            connection.sendall(frames)
            said = heard.read()
            assert said.count(b"\x8a\x00") <= 200, "pongs end with the socket"
    with connect(f"{stage.web.replace('http', 'ws', 1)}/v1/ws?token={visitor.token}") as another:
        assert json.loads(another.recv(timeout=60)) == {"ok": True}
        for _ in range(20):
            assert another.ping().wait(60)


def test_what_is_no_http_gets_an_answer_like_all_others(stage: Stage) -> None:
    answer = answer_of(stage.web, b"GET /health HTTP/1.1\r\nno header at all\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["code"] == "bad_request"


def test_a_limit_holds_for_callers_at_once(stage: Stage) -> None:
    """Twenty starts a minute, whichever process and however many at the same moment."""
    address = new_address()

    def start(number: int) -> int:
        web = (stage.web, stage.second_web)[number % 2]
        return requests.post(
            f"{web}/v1/conversations/start", headers={"X-Forwarded-For": address}, timeout=30
        ).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(start, range(40)))
    assert (statuses.count(200), statuses.count(429)) == (20, 20)
