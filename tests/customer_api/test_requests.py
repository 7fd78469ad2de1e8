"""What holds for every call: envelope, request ids, methods, bodies, types, addresses."""

import json
import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer, new_address

START = "/v1/conversations/start"
JSON = "application/json"
SOMEBODYS = "5f0c7a3e-9a51-4c0e-8b5e-2f6d1c3b4a59"


@pytest.fixture(scope="module")
def visitor(stage: Stage) -> Customer:
    """Somebody whose conversation is only looked at."""
    return stage.customer()


def post(stage: Stage, data: object, content_type: str | None = JSON) -> requests.Response:
    headers = {"X-Forwarded-For": new_address()}
    if content_type:
        headers["Content-Type"] = content_type
    return requests.post(stage.web + START, data=data, headers=headers, timeout=30)  # type: ignore[arg-type]


@pytest.mark.parametrize("offered", ["abc-123", "a" * 128, "Az09._:+/=@-"])
def test_a_sane_request_id_comes_back(stage: Stage, offered: str) -> None:
    answer = requests.get(f"{stage.web}/health", headers={"X-Request-ID": offered}, timeout=30)
    assert answer.headers["X-Request-ID"] == offered


@pytest.mark.parametrize("offered", ["", "a" * 129, "two words", 'quo"te', "caf\xe9", "<script>"])
def test_an_insane_request_id_is_replaced(stage: Stage, offered: str) -> None:
    answer = requests.get(
        f"{stage.web}/health", headers={"X-Request-ID": offered.encode("latin-1")}, timeout=30
    )
    assert answer.headers["X-Request-ID"] not in {"", offered}
    assert answer.headers["X-Request-ID"].isalnum()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", START, {"POST"}),
        ("DELETE", START, {"POST"}),
        ("OPTIONS", START, {"POST"}),
        ("HEAD", START, {"POST"}),
        ("PUT", f"/v1/conversations/{SOMEBODYS}/messages", {"GET", "POST"}),
        ("POST", f"/v1/conversations/{SOMEBODYS}/name", {"PATCH"}),
        ("GET", f"/v1/conversations/{SOMEBODYS}/locale", {"PATCH"}),
        ("GET", "/v2/ws/token", {"POST"}),
        ("POST", "/health", {"GET", "HEAD"}),
        ("POST", "/widget.js", {"GET", "HEAD"}),
        ("PATCH", "/metrics", {"GET"}),
    ],
)
def test_another_method_is_refused(stage: Stage, method: str, path: str, allowed: set[str]) -> None:
    answer = requests.request(method, stage.web + path, timeout=30)
    assert set(answer.headers["Allow"].split(", ")) == allowed
    if method == "HEAD":
        assert (answer.status_code, answer.content) == (405, b"")
    else:
        assert_refused(answer, 405, "method_not_allowed")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/v1",
        "/v1/",
        "/v1/conversations/not-a-uuid/messages",
        f"/v1/conversations/{SOMEBODYS}/messages/",
        "/v2/ws/token/",
        "/v1/conversations/start%0A",
        "/v1/%00",
        "/%FF%FE",
        "/widget.css",
        "/health/../nothing",
    ],
)
def test_an_unknown_address_is_answered_in_the_envelope(stage: Stage, path: str) -> None:
    with requests.Session() as session:
        request = requests.Request("GET", stage.web).prepare()
        request.url = stage.web + path
        assert_refused(session.send(request, timeout=30), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"5",
        b'"text"',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'{"name": "\xff"}',
        '{"name": "Mara"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"name": "Mara"}',
        b'{"name": NaN',
        b'{"n": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_no_json_object(stage: Stage, body: bytes) -> None:
    assert_refused(post(stage, body), 400, "invalid_json")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_another_media_type_is_refused(stage: Stage, content_type: str) -> None:
    assert_refused(post(stage, b"{}", content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", [None, "application/json; charset=utf-8", "Application/JSON; charset=nonsense"]
)
def test_json_by_any_name(stage: Stage, content_type: str | None) -> None:
    assert post(stage, b'{"name": "Mara"}', content_type).status_code == 200


def test_a_body_may_be_just_so_large(stage: Stage) -> None:
    filling = " " * (256 * 1024 - 2)
    assert post(stage, "{" + filling + "}").status_code == 200
    assert_refused(post(stage, "{" + filling + " }"), 413, "payload_too_large")


def test_a_body_without_a_declared_length_is_measured_too(stage: Stage) -> None:
    chunks = (b" " * 65_536 for _ in range(5))
    assert_refused(post(stage, chunks), 413, "payload_too_large")
    assert post(stage, iter([b'{"name":', b'"Mara"}'])).status_code == 200


def test_a_length_that_is_a_lie_stores_nothing(stage: Stage) -> None:
    address = urlsplit(stage.web)
    with socket.create_connection((address.hostname or "", address.port or 0), 10) as connection:
        connection.sendall(
            f"POST {START} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n"
            "Content-Length: 999999999999\r\n\r\n{".encode()
        )
        answer = connection.makefile("rb").readline()
    assert b" 413 " in answer


def test_deep_but_valid_json_is_only_unneeded(stage: Stage) -> None:
    body = json.dumps({"name": "Mara", "unknown": [[[[[{}]]]]]})
    assert post(stage, body).status_code == 200


def test_more_parameters_than_anybody_needs(stage: Stage, visitor: Customer) -> None:
    answer = visitor.call("GET", "messages", params=[("a", "1")] * 1500)
    assert_refused(answer, 400, "bad_request")


@pytest.mark.parametrize("tenant", ["\x00", "default\x00", "a" * 5000, "ä", "\ud7ff", "' OR 1=1"])
def test_hints_that_name_nobody(stage: Stage, tenant: str) -> None:
    for origin in ({}, {"Origin": "https://shop.example"}):
        answer = requests.post(
            stage.web + START,
            params={"t": tenant},
            headers={"X-Forwarded-For": new_address(), **origin},
            timeout=30,
        )
        assert_refused(answer, 404, "tenant_not_found")
