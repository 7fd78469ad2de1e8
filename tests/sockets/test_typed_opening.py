"""Opening a socket with the subprotocol `chatorical.v2`, and where its token may stand."""

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.conftest import Stage
from tests.customer import Customer
from tests.forging import forge
from tests.sockets.typed import V2, TypedSocket


@pytest.fixture(scope="module")
def visitor(stage: Stage) -> Customer:
    return stage.customer()


def url(visitor: Customer, query: str = "") -> str:
    return f"{visitor.web.replace('http', 'ws')}/v1/ws{query}"


def test_the_token_may_stand_in_the_address(visitor: Customer) -> None:
    socket = TypedSocket(url(visitor, f"?token={visitor.token}"))
    assert socket.accepted == V2
    assert socket.next() == {"ok": True}
    socket.close()


def test_the_token_may_come_as_a_subprotocol_and_is_not_repeated(visitor: Customer) -> None:
    with connect(url(visitor), subprotocols=[V2, Subprotocol(visitor.token)]) as connection:
        assert connection.response is not None
        assert connection.response.headers["Sec-WebSocket-Protocol"] == V2
        assert visitor.token not in str(connection.response.headers)


def test_the_order_of_the_subprotocols_does_not_matter(visitor: Customer) -> None:
    with connect(url(visitor), subprotocols=[Subprotocol(visitor.token), V2]) as connection:
        assert connection.subprotocol == V2


def test_a_one_connection_token_works_there_once(visitor: Customer) -> None:
    answer = requests.post(f"{visitor.web}/v2/ws/token", headers=visitor.headers, timeout=30)
    offered = [V2, Subprotocol(answer.json()["token"])]
    with connect(url(visitor), subprotocols=offered) as connection:
        assert connection.subprotocol == V2
    with pytest.raises(InvalidStatus) as refused, connect(url(visitor), subprotocols=offered):
        pass
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("kind", ["none", "garbage", "expired"])
def test_a_bad_token_is_refused_before_the_upgrade(visitor: Customer, kind: str) -> None:
    token = {"none": "", "garbage": "a.b.c", "expired": forge(visitor, exp_in=-1)}[kind]
    offered = [V2, *([Subprotocol(token)] if token else [])]
    with pytest.raises(InvalidStatus) as refused, connect(url(visitor), subprotocols=offered):
        pass
    assert refused.value.response.status_code == 401


def test_an_unknown_subprotocol_is_not_agreed_to(visitor: Customer) -> None:
    offered = [Subprotocol("chatorical.v9")]
    query = f"?token={visitor.token}"
    with connect(url(visitor, query), subprotocols=offered) as connection:
        assert connection.subprotocol is None
    with pytest.raises(InvalidStatus), connect(url(visitor), subprotocols=offered):
        pass
