"""Whatever is thrown at the customer's calls: no 5xx, always the envelope, and they go on."""

import json
import socket
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Stage
from tests.customer import Customer, new_address

wild = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
texts = st.text(st.characters(exclude_categories=()), max_size=80)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "text": json_values | texts,
        "name": json_values | texts,
        "locale": json_values | texts,
        "client_id": json_values | texts,
        "public_key": json_values | texts,
        "challenge": json_values | texts,
        "signature": json_values | texts,
        "unknown": json_values,
    },
)
paths = st.sampled_from(
    [
        ("POST", "/v1/conversations/start"),
        ("POST", "/v1/conversations/{id}/messages"),
        ("GET", "/v1/conversations/{id}/messages"),
        ("PATCH", "/v1/conversations/{id}/name"),
        ("PATCH", "/v1/conversations/{id}/locale"),
        ("POST", "/v2/ws/token"),
        ("GET", "/v2/widget/config?t=default"),
        ("POST", "/v2/sessions"),
        ("DELETE", "/v2/sessions/{id}"),
        ("POST", "/v2/sessions/{id}/challenge"),
        ("POST", "/v2/sessions/{id}/token"),
    ]
)


@lru_cache(maxsize=1)
def customer_of(web: str) -> Customer:
    address = new_address()
    answer = requests.post(f"{web}/v1/conversations/start", timeout=30)
    return Customer(web=web, address=address, **answer.json())


def assert_civil(answer: requests.Response) -> None:
    """Carried out, or refused in the envelope; never our own failure."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Content-Type"] == "application/json"
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert error["code"].replace("_", "").isalpha()
        assert error["message"]
    else:
        assert isinstance(answer.json(), dict)


@wild
@given(call=paths, body=bodies | json_values)
def test_bodies_of_every_shape(stage: Stage, call: tuple[str, str], body: object) -> None:
    visitor = customer_of(stage.web)
    method, path = call
    assert_civil(
        requests.request(
            method,
            stage.web + path.format(id=visitor.conversation_id),
            data=json.dumps(body),
            headers={
                **visitor.headers,
                "X-Forwarded-For": new_address(),
                "Content-Type": "application/json",
            },
            timeout=30,
        )
    )


@wild
@given(
    call=paths, body=st.binary(max_size=200), content_type=st.sampled_from(["application/json", ""])
)
def test_bodies_that_are_bytes(
    stage: Stage, call: tuple[str, str], body: bytes, content_type: str
) -> None:
    visitor = customer_of(stage.web)
    method, path = call
    headers = {**visitor.headers, "X-Forwarded-For": new_address(), "Content-Type": content_type}
    url = stage.web + path.format(id=visitor.conversation_id)
    assert_civil(requests.request(method, url, data=body, headers=headers, timeout=30))


@wild
@given(
    query=st.dictionaries(
        st.sampled_from(["after", "since", "t", "limit", "before", "k", "v", ""]) | texts,
        texts | st.integers().map(str) | st.datetimes().map(str),
        max_size=4,
    )
)
def test_queries(stage: Stage, query: dict[str, str]) -> None:
    visitor = customer_of(stage.web)
    sent = {
        name.encode(errors="surrogatepass"): value.encode(errors="surrogatepass")
        for name, value in query.items()
    }
    assert_civil(visitor.call("GET", "messages", params=sent))


# What an HTTP header can hold at all.
header_values = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80
).map(lambda text: text.strip().encode("latin-1"))


@wild
@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "Authorization",
                "X-Tenant-ID",
                "X-Request-ID",
                "X-Forwarded-For",
                "Origin",
                "Host",
                "Content-Type",
                "Content-Encoding",
                "If-None-Match",
                "Accept-Encoding",
                "Cookie",
                "X-Forwarded-Proto",
            ]
        ),
        header_values | header_values.map(lambda value: b"Bearer " + value),
        max_size=5,
    ),
    call=paths,
)
def test_headers(stage: Stage, headers: dict[str, bytes], call: tuple[str, str]) -> None:
    visitor = customer_of(stage.web)
    method, path = call
    sent: dict[str, str | bytes] = {"X-Forwarded-For": new_address(), **headers}
    url = stage.web + path.format(id=visitor.conversation_id)
    assert_civil(requests.request(method, url, json={"text": "Hello"}, headers=sent, timeout=30))


raw_paths = st.lists(
    st.sampled_from(["v1", "v2", "conversations", "start", "messages", "ws", "token", "name", ".."])
    | st.uuids().map(str)
    | st.binary(min_size=1, max_size=6).map(lambda raw: "".join(f"%{byte:02X}" for byte in raw)),
    max_size=6,
).map(lambda parts: "/v1/" + "/".join(parts))


@wild
@given(method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"]), path=raw_paths)
def test_paths(stage: Stage, method: str, path: str) -> None:
    prepared = requests.Request(
        method, stage.web, headers={"X-Forwarded-For": new_address()}
    ).prepare()
    prepared.url = stage.web + path
    with requests.Session() as session:
        assert_civil(session.send(prepared, timeout=30))


@wild
@given(
    token=st.from_regex(
        r"[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}", fullmatch=True
    )
)
def test_tokens(stage: Stage, token: str) -> None:
    visitor = customer_of(stage.web)
    headers = {"Authorization": f"Bearer {token}"}
    refused = visitor.call("POST", "messages", json={"text": "Hello"}, headers=headers)
    assert_civil(refused)
    assert refused.status_code == 401


def test_the_server_is_well_after_all_that(stage: Stage) -> None:
    visitor = stage.customer()
    assert UUID(visitor.send("still here")["id"])


@wild
@given(garbage=st.binary(max_size=300))
def test_bytes_that_are_no_request(stage: Stage, garbage: bytes) -> None:
    address = urlsplit(stage.web)
    with socket.create_connection((address.hostname or "", address.port or 0), 10) as connection:
        connection.sendall(garbage + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    assert not answer.startswith(b"HTTP/1.1 5"), answer
