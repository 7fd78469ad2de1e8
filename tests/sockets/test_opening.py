"""Who may open a socket: refused before the upgrade, or greeted with `{"ok": true}`."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tenants.models import Tenant
from tests.cast import setting
from tests.conftest import Stage
from tests.customer import Customer, arrive
from tests.forging import forge

NOBODYS = "5f0c7a3e-9a51-4c0e-8b5e-2f6d1c3b4a59"


def address(web: str, token: str, query: str = "") -> str:
    return f"{web.replace('http://', 'ws://')}/v1/ws?token={token}{query}"


def refusal(url: str, **options: Any) -> tuple[int, str]:
    """Status and code of a refused upgrade."""
    with pytest.raises(InvalidStatus) as caught, connect(url, **options):
        pass
    response = caught.value.response
    assert response.body is not None
    assert response.headers["X-Request-ID"]
    return response.status_code, json.loads(response.body)["error"]["code"]


def socket_token(visitor: Customer) -> str:
    answer = requests.post(f"{visitor.web}/v2/ws/token", headers=visitor.headers, timeout=30)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"token", "expires_in"}
    assert body["expires_in"] == 60
    return str(body["token"])


@pytest.fixture(scope="module")
def visitor(stage: Stage) -> Customer:
    """Somebody with a conversation."""
    return stage.customer()


def test_a_socket_is_greeted_first(visitor: Customer) -> None:
    with connect(address(visitor.web, visitor.token)) as socket:
        assert json.loads(socket.recv(timeout=60)) == {"ok": True}
        assert socket.subprotocol is None


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "%00", "%FF", "x" * 5000, "é.é.é"])
def test_something_that_is_no_token(stage: Stage, token: str) -> None:
    assert refusal(address(stage.web, token)) == (401, "invalid_token")


def test_no_token_at_all(stage: Stage) -> None:
    url = address(stage.web, "").partition("?")[0]
    assert refusal(url) == (401, "invalid_token")


@pytest.mark.parametrize(
    "flaw",
    [
        {"secret": "another secret, as long as it should be, but not ours"},
        {"algorithm": "none"},
        {"algorithm": "HS512"},
        {"aud": "chatorical.api"},
        {"aud": None},
        {"exp_in": -1},
        {"exp": None},
        {"sub": NOBODYS},
        {"sub": "x"},
        {"t": NOBODYS},
        {"t": None},
        {"jti": None},
        {"kid": "00000000"},
    ],
    ids=str,
)
def test_a_forged_token(visitor: Customer, flaw: dict[str, Any]) -> None:
    refused = refusal(address(visitor.web, forge(visitor, **flaw)))
    assert refused == (401, "invalid_token")


def test_what_is_not_flawed_would_open(visitor: Customer) -> None:
    with connect(address(visitor.web, forge(visitor))) as socket:
        assert json.loads(socket.recv(timeout=60)) == {"ok": True}


def test_a_one_connection_token_opens_one_connection(stage: Stage, visitor: Customer) -> None:
    token = socket_token(visitor)
    with connect(address(stage.web, token)) as socket:
        assert json.loads(socket.recv(timeout=60)) == {"ok": True}
        for web in (stage.web, stage.second_web):
            assert refusal(address(web, token)) == (401, "invalid_token")
    assert refusal(address(stage.second_web, token)) == (401, "invalid_token")


def test_a_one_connection_token_tried_many_times_at_once(stage: Stage, visitor: Customer) -> None:
    token = socket_token(visitor)

    def attempt(number: int) -> bool:
        web = (stage.web, stage.second_web)[number % 2]
        try:
            with connect(address(web, token)) as socket:
                return bool(json.loads(socket.recv(timeout=60)) == {"ok": True})
        except InvalidStatus as error:
            assert error.response.status_code == 401
            return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(10))) == 1


def test_a_one_connection_token_is_for_sockets_only(visitor: Customer) -> None:
    bearer = {"Authorization": f"Bearer {socket_token(visitor)}"}
    refused = visitor.call("POST", "messages", json={"text": "Hello"}, headers=bearer)
    assert refused.status_code == 401
    again = requests.post(f"{visitor.web}/v2/ws/token", headers=bearer, timeout=30)
    assert again.status_code == 401


def test_a_conversation_token_opens_many(visitor: Customer) -> None:
    sockets = [visitor.socket() for _ in range(3)]
    for socket in sockets:
        socket.close()


def test_two_tokens_open_nothing(stage: Stage, visitor: Customer) -> None:
    """A proxy, a log and the product could each take another one of them for the caller's."""
    url, other = address(stage.web, visitor.token), stage.customer().token
    assert refusal(f"{url}&token={other}") == (401, "invalid_token")
    offered = [Subprotocol(word) for word in ("chatorical.v2", other, visitor.token)]
    assert refusal(url, subprotocols=offered[:2]) == (401, "invalid_token")
    assert refusal(address(stage.web, ""), subprotocols=offered) == (401, "invalid_token")
    with connect(f"{url}&token={visitor.token}", subprotocols=[offered[0], offered[2]]) as same:
        assert json.loads(same.recv(timeout=10)) == {"ok": True}


def test_hints_must_agree_with_the_token(stage: Stage, acme: Tenant, visitor: Customer) -> None:
    customer = arrive(stage.web, tenant="acme")
    with connect(address(stage.web, customer.token, "&t=acme")) as socket:
        assert json.loads(socket.recv(timeout=60)) == {"ok": True}
    mismatch = (403, "tenant_mismatch")
    assert refusal(address(stage.web, customer.token, "&t=default")) == mismatch
    assert refusal(address(stage.web, visitor.token, "&t=acme")) == mismatch
    headers = {"X-Tenant-ID": "acme"}
    assert refusal(address(stage.web, visitor.token), additional_headers=headers) == mismatch
    unknown = refusal(address(stage.web, visitor.token, "&t=nobody"))
    assert unknown == (404, "tenant_not_found")


def test_another_websites_page_may_not_connect(stage: Stage, acme: Tenant) -> None:
    customer = arrive(stage.web, tenant="acme")
    url = address(stage.web, customer.token)
    with setting(acme, "allowedOrigins", ["https://shop.example"]):
        with connect(url, origin=Origin("https://shop.example")) as socket:
            assert json.loads(socket.recv(timeout=60)) == {"ok": True}
        for origin in (
            "https://evil.example",
            "http://shop.example",
            "null",
            "https://shop.example.evil",
        ):
            assert refusal(url, origin=origin) == (403, "origin_not_allowed")
        # The platform's own pages, and callers that are no browsers.
        with connect(url) as socket:
            assert json.loads(socket.recv(timeout=60)) == {"ok": True}
    assert refusal(url, origin="https://shop.example") == (403, "origin_not_allowed")


def test_the_default_tenant_in_development_takes_any_page(visitor: Customer) -> None:
    url = address(visitor.web, visitor.token)
    with connect(url, origin=Origin("https://anything.example")) as socket:
        assert json.loads(socket.recv(timeout=60)) == {"ok": True}


@pytest.mark.parametrize("path", ["/", "/v1/ws/", "/v1/conversations/start", "/v2/ws", "/%00"])
def test_there_is_no_socket_elsewhere(stage: Stage, visitor: Customer, path: str) -> None:
    url = f"{stage.web.replace('http', 'ws')}{path}?token={visitor.token}"
    with pytest.raises(InvalidStatus) as caught, connect(url):
        pass
    assert caught.value.response.status_code in {403, 404}
