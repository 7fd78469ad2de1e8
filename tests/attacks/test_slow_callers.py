"""Callers who would like to keep the server busy with nothing, and what browsers are told."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import Stage
from tests.customer import new_address
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


def test_browsers_are_told_how_to_treat_every_answer(stage: Stage) -> None:
    for path in ("/health", "/v1/nothing", "/widget.js", "/docs/openapi.yaml", "/admin/login/"):
        headers = requests.get(stage.web + path, timeout=30).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["X-Frame-Options"] == "DENY", path
    script = requests.get(f"{stage.web}/widget.js", timeout=30)
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_headers_have_a_size(stage: Stage) -> None:
    answer = requests.get(f"{stage.web}/health", headers={"X-Filler": "x" * 200_000}, timeout=30)
    assert answer.status_code in {200, 400, 431}, "whatever it is, it is no crash"
    assert requests.get(f"{stage.web}/health", timeout=30).status_code == 200


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
