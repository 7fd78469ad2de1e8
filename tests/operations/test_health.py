"""/health, /ready and /metrics."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import new_address
from tests.processes import Product, free_port

DEAD_REDIS = "redis://127.0.0.1:{port}/0"
DEAD_POSTGRES = "postgres://chatorical@127.0.0.1:{port}/chatorical"


@contextmanager
def web_with(stage: Stage, **environment: str) -> Iterator[str]:
    with Product({**stage.product.environment, **environment}) as product:
        yield product.web()[1]


@pytest.fixture(scope="module")
def without_redis(stage: Stage) -> Iterator[str]:
    """A web process whose Redis is away."""
    with web_with(stage, REDIS_URL=DEAD_REDIS.format(port=free_port())) as web:
        yield web


@pytest.fixture(scope="module")
def without_database(stage: Stage) -> Iterator[str]:
    """A web process whose database is away, and that shows its metrics to one network."""
    dead = DEAD_POSTGRES.format(port=free_port())
    with web_with(stage, DATABASE_URL=dead, METRICS_ALLOW="192.0.2.0/24") as web:
        yield web


NOT_READY = {"ok": False, "status": "unavailable", "ready": False}


def get(web: str, path: str, **headers: str) -> requests.Response:
    return requests.get(web + path, headers=headers, timeout=30)


def test_all_is_well(stage: Stage) -> None:
    for path in ("/health", "/ready"):
        answer = get(stage.web, path)
        assert answer.status_code == 200
        # Beside `ok`, what monitoring of earlier versions looks at.
        assert {"ok": True, "status": "ok"}.items() <= answer.json().items()
        assert answer.headers["Cache-Control"] == "no-store"
        head = requests.head(stage.web + path, timeout=30)
        assert (head.status_code, head.content) == (200, b"")


def test_ready_names_a_missing_redis(without_redis: str) -> None:
    assert get(without_redis, "/health").status_code == 200
    answer = get(without_redis, "/ready")
    assert answer.status_code == 503
    assert answer.json() == NOT_READY | {"missing": ["redis", "broker"]}
    assert int(answer.headers["Retry-After"]) > 0
    assert "127.0.0.1" not in answer.text, "names, not values"


def test_without_a_database_every_call_says_when_to_come_again(
    stage: Stage, without_database: str
) -> None:
    visitor = stage.customer()

    def call(method: str, what: str, body: dict[str, str] | None) -> requests.Response:
        return visitor.call(method, what, json=body, web=without_database)

    with ThreadPoolExecutor(5) as pool:
        ready = pool.submit(get, without_database, "/ready")
        start = pool.submit(
            requests.post,
            f"{without_database}/v1/conversations/start",
            headers={"Origin": "https://shop.example"},
            timeout=30,
        )
        calls = [
            pool.submit(call, "GET", "messages", None),
            pool.submit(call, "POST", "messages", {"text": "Hello"}),
            pool.submit(call, "PATCH", "locale", {"locale": "lv"}),
        ]
        assert get(without_database, "/health").status_code == 200, "the process itself lives"
    answer = ready.result()
    assert (answer.status_code, answer.json()) == (503, NOT_READY | {"missing": ["database"]})
    assert int(answer.headers["Retry-After"]) > 0
    for refused in (start, *calls):
        assert_refused(refused.result(), 503, "unavailable")


def test_without_redis_everything_is_stored_and_limits_hold(
    stage: Stage, without_redis: str
) -> None:
    visitor = stage.customer()
    assert visitor.send("Hello", web=without_redis)["seq"] == 1
    socket = visitor.socket(without_redis)
    socket.say("Hello by socket")
    assert socket.next_message()["text"] == "Hello by socket"

    address = new_address()
    answers = [
        requests.post(
            f"{without_redis}/v1/conversations/start",
            headers={"X-Forwarded-For": address},
            timeout=30,
        )
        for _ in range(21)
    ]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]


def test_metrics_are_for_the_allowed(stage: Stage, without_database: str) -> None:
    visitor = stage.customer()
    visitor.send("Hello")
    visitor.socket()
    answer = get(stage.web, "/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    for name in (
        "chatorical_http_requests_total",
        "chatorical_http_request_seconds_bucket",
        "chatorical_messages_total",
        "chatorical_sockets",
    ):
        assert re.search(rf"^{name}\b", answer.text, re.MULTILINE), name
    for claimed in ("203.0.113.9", "127.0.0.1, 203.0.113.9", "127.0.0.1,", ","):
        spoofed = {"X-Forwarded-For": claimed}
        assert_refused(get(stage.web, "/metrics", **spoofed), 403, "forbidden")

    assert_refused(get(without_database, "/metrics"), 403, "forbidden")
    allowed = get(without_database, "/metrics", **{"X-Forwarded-For": "192.0.2.7"})
    assert allowed.status_code == 200, "and without a database only the outbox's depth is missing"


def test_ids_and_secrets_are_in_no_metric(stage: Stage) -> None:
    visitor = stage.customer()
    visitor.send("Hello")
    get(stage.web, f"/v1/telegram/webhook/{visitor.token[:20]}")
    exposed = get(stage.web, "/metrics").text
    assert visitor.conversation_id not in exposed
    assert visitor.token[:20] not in exposed
