"""Whatever is sent on a socket, or in its address: an echo or a refusal, and the rest goes on."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from kernel.text import is_storable, utf16_length
from tenants.models import Tenant
from tests.cast import setting, tenant_called
from tests.conftest import Stage
from tests.customer import Customer, Socket, arrive

wild = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ERRORS = {"message rejected", "message_too_long", "too_large"}
characters = st.characters(exclude_categories=["Cs"])
frames = (
    st.text(characters, max_size=60)
    | st.sampled_from(["\x00", " ", "{}", '{"ok":true}', "null", "\ufeff", "\u200b", "\x85"])
    | st.builds(lambda unit, count: unit * count, characters, st.integers(3990, 4110))
    | st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3).map(json.dumps)
)


@pytest.fixture
def unlimited(committed_db: None) -> Any:
    """A tenant that takes any number of frames."""
    tenant = tenant_called("talkative")
    with setting(tenant, "rl.ws.points", 0):
        yield tenant


def answer_to(socket: Socket, sent: str) -> dict[str, Any]:
    return socket.next_that(lambda frame: "error" in frame or frame.get("direction") == "INBOUND")


def test_frames(stage: Stage, unlimited: Tenant) -> None:
    visitor = arrive(stage.web, tenant=unlimited.slug)
    stored: list[str] = []
    open_sockets = [visitor.socket()]

    @wild
    @given(text=frames)
    def check(text: str) -> None:
        socket = open_sockets[0]
        socket.say(text)
        answer = answer_to(socket, text)
        if "error" not in answer:
            assert answer["text"] == text
            stored.append(text.strip())
            assert answer["seq"] == len(stored)
            return
        assert answer["error"] in ERRORS
        assert set(answer) == {"error"}
        is_fine = is_storable(text) and text.strip() and utf16_length(text.strip()) <= 4000
        assert not is_fine or utf16_length(text) > 4096
        if answer["error"] == "too_large":
            socket.close()
            open_sockets[0] = visitor.socket()

    check()
    history = visitor.call("GET", "messages").json()["messages"]
    assert [message["text"] for message in history] == stored


def test_binary_frames(stage: Stage, unlimited: Tenant) -> None:
    visitor = arrive(stage.web, tenant=unlimited.slug)
    socket = visitor.socket()

    @wild
    @given(raw=st.binary(max_size=100))
    def check(raw: bytes) -> None:
        socket.connection.send(raw)
        answer = answer_to(socket, "")
        expected = raw.decode(errors="replace")
        assert answer.get("error") in ERRORS or answer["text"] == expected

    check()


@pytest.fixture(scope="module")
def visitor(stage: Stage) -> Customer:
    """Somebody with a conversation."""
    return stage.customer()


def test_addresses_of_sockets(stage: Stage, visitor: Customer) -> None:
    @wild
    @given(
        query=st.dictionaries(
            st.sampled_from(["token", "after", "t", "k"]),
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
            | st.sampled_from([visitor.token, "default", "%00", "%FF", "acme", "-1", "2"]),
            max_size=4,
        )
    )
    def check(query: dict[str, str]) -> None:
        pairs = "&".join(f"{name}={value.replace('#', '')}" for name, value in query.items())
        url = f"{stage.web.replace('http', 'ws')}/v1/ws?{pairs}"
        try:
            with connect(url) as socket:
                assert json.loads(socket.recv(timeout=60)) == {"ok": True}
        except InvalidStatus as error:
            assert error.response.status_code in {401, 403, 404}
            assert error.response.body is not None
            assert json.loads(error.response.body)["error"]["code"]

    check()
