"""Every socket, in every protocol and with the token in every place it may stand.

Who must not get in is refused before the upgrade; who is in hears of one conversation only.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from chatorical.web.socket_routes import SOCKETS
from conversations.models import Message
from conversations.socket import protocols
from conversations.socket.protocols import PLAIN, TYPED, SocketProtocol
from tenants import services
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import new_key
from tests.cast import Desk
from tests.conftest import Stage
from tests.customer import Customer, Socket, arrive
from tests.forging import forge

pytestmark = pytest.mark.usefixtures("committed_db")


@dataclass(frozen=True)
class Way:
    """One way to ask for a socket."""

    path: str
    protocol: SocketProtocol
    is_token_in_address: bool

    def __str__(self) -> str:
        place = "address" if self.is_token_in_address else "subprotocol"
        return f"{self.path} {self.protocol.subprotocol or 'plain'} {place}"

    def options(self, token: str, headers: dict[str, str]) -> dict[str, Any]:
        """What the WebSocket client is to send beside the address."""
        offered = [self.protocol.subprotocol] if self.protocol.subprotocol else []
        offered += [token] if token and not self.is_token_in_address else []
        wanted = [Subprotocol(value) for value in offered]
        return {"additional_headers": headers, **({"subprotocols": wanted} if offered else {})}

    def url(self, web: str, token: str, query: dict[str, str]) -> str:
        """The address to ask at."""
        asked = query | ({"token": token} if token and self.is_token_in_address else {})
        return f"{web.replace('http://', 'ws://')}{self.path}?{urlencode(asked)}"

    @contextmanager
    def open(self, visitor: Customer) -> Iterator[Socket]:
        """A greeted socket."""
        url = self.url(visitor.web, visitor.token, {})
        socket = Socket(url, **self.options(visitor.token, {}))
        try:
            assert socket.next() == {"ok": True}
            yield socket
        finally:
            socket.close()

    def say(self, socket: Socket, text: str) -> None:
        """Send a message as the protocol writes it."""
        socket.say(text if self.protocol is PLAIN else f'{{"type":"message","text":"{text}"}}')


# A new socket has to be added here, and a new protocol or place for the token.
WAYS = [
    Way("/v1/ws", PLAIN, is_token_in_address=True),
    Way("/v1/ws", TYPED, is_token_in_address=True),
    Way("/v1/ws", TYPED, is_token_in_address=False),
]
each_way = pytest.mark.parametrize("way", WAYS, ids=str)


@dataclass
class Attempt:
    """What somebody tries, and the answer that they must get."""

    token: str
    expected: tuple[int, str]
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class Neighbours:
    """A customer of one tenant, another customer of the same, and one of a neighbour's."""

    def __init__(self, stage: Stage) -> None:
        self.mine, self.theirs = (self._tenant(name) for name in ("mine", "theirs"))
        self.me, self.beside_me = (arrive(stage.web, tenant=self.mine.slug) for _ in range(2))
        self.stranger = arrive(stage.web, tenant=self.theirs.slug)
        self.second_web = stage.second_web

    @staticmethod
    def _tenant(name: str) -> Tenant:
        slug = f"{name}-{uuid4().hex[:12]}"
        return services.create_tenant(slug=slug, name=name, actor=SYSTEM)

    def used_token(self) -> str:
        """A one-connection token that has had its connection."""
        token = _socket_token(self.me)
        with connect(WAYS[0].url(self.me.web, token, {})) as connection:
            connection.recv(timeout=60)
        return token


@pytest.fixture(scope="module")
def neighbours(stage: Stage, django_db_blocker: Any) -> Neighbours:
    """Two tenants for all the ways."""
    with django_db_blocker.unblock():
        return Neighbours(stage)


def _socket_token(visitor: Customer) -> str:
    answer = requests.post(f"{visitor.web}/v2/ws/token", headers=visitor.headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


_INVALID = (401, "invalid_token")
_MISMATCH = (403, "tenant_mismatch")
_NOT_OURS = "a secret as long as it should be, that is not ours at all"


def attempts(at: Neighbours) -> dict[str, Attempt]:
    """Everything that must not open a socket."""
    me, mine, theirs = at.me, at.mine, at.theirs
    claims: dict[str, dict[str, Any]] = {
        "another secret": {"secret": _NOT_OURS},
        "no algorithm": {"algorithm": "none"},
        "another algorithm": {"algorithm": "HS512"},
        "another audience": {"aud": "chatorical.api"},
        "expired": {"exp_in": -1},
        "never expiring": {"exp": None},
        "another kid": {"kid": "00000000"},
        "no id of its own": {"jti": None},
        "their conversation under my tenant": {"sub": at.stranger.conversation_id},
        "my conversation under their tenant": {"t": at.stranger.tenant_id},
        "nobody's conversation": {"sub": str(uuid4())},
        "nobody's tenant": {"t": str(uuid4())},
    }
    tried = {name: Attempt(forge(me, **flaw), _INVALID) for name, flaw in claims.items()}
    contradictions: dict[str, dict[str, dict[str, str]]] = {
        "t": {"query": {"t": theirs.slug}},
        "t with their id": {"query": {"t": str(theirs.pk)}},
        "k": {"query": {"k": theirs.widget_key}},
        "X-Tenant-ID": {"headers": {"X-Tenant-ID": theirs.slug}},
        "X-Widget-Key": {"headers": {"X-Widget-Key": theirs.widget_key}},
        "X-API-Key": {"headers": {"X-API-Key": new_key(theirs, "admin:write")}},
        "t against X-Tenant-ID": {
            "query": {"t": mine.slug},
            "headers": {"X-Tenant-ID": theirs.slug},
        },
    }
    tried |= {name: Attempt(me.token, _MISMATCH, **where) for name, where in contradictions.items()}
    return tried | {
        "no token": Attempt("", _INVALID),
        "an API key for a token": Attempt(new_key(mine, "admin:write"), _INVALID),
        "a used one-connection token": Attempt(at.used_token(), _INVALID),
        "their token under my name": Attempt(at.stranger.token, _MISMATCH, {"t": mine.slug}),
        "their token under my key": Attempt(at.stranger.token, _MISMATCH, {"k": mine.widget_key}),
        "a tenant that is none": Attempt(me.token, (404, "tenant_not_found"), {"t": "nobody-x"}),
    }


def refusal(way: Way, web: str, attempt: Attempt) -> tuple[int, str]:
    """Status and code of the refused upgrade."""
    url = way.url(web, attempt.token, attempt.query)
    options = way.options(attempt.token, attempt.headers)
    with pytest.raises(InvalidStatus) as caught, connect(url, **options):
        pass
    response = caught.value.response
    assert response.body is not None
    answer = json.loads(response.body)
    return response.status_code, answer["error"]["code"]


def test_every_socket_and_protocol_is_in_the_matrix() -> None:
    assert {way.path for way in WAYS} == SOCKETS.keys()
    spoken = {id(thing) for thing in vars(protocols).values() if _is_protocol(thing)}
    assert {id(way.protocol) for way in WAYS} == spoken


def _is_protocol(thing: object) -> bool:
    return not isinstance(thing, type) and hasattr(thing, "subprotocol")


@each_way
def test_nobody_opens_a_socket_with_what_is_not_theirs(neighbours: Neighbours, way: Way) -> None:
    tried = attempts(neighbours)
    for web in (neighbours.me.web, neighbours.second_web):
        refused = {name: refusal(way, web, attempt) for name, attempt in tried.items()}
        assert refused == {name: attempt.expected for name, attempt in tried.items()}
    # What was contradicted would have opened it.
    with way.open(neighbours.me):
        pass


@each_way
def test_what_agrees_with_the_token_changes_nothing(neighbours: Neighbours, way: Way) -> None:
    me, mine = neighbours.me, neighbours.mine
    url = way.url(me.web, me.token, {"t": mine.slug, "k": mine.widget_key})
    socket = Socket(url, **way.options(me.token, {"X-Tenant-ID": str(mine.pk)}))
    assert socket.next() == {"ok": True}
    socket.close()


@each_way
def test_a_one_connection_token_is_worth_one_connection(neighbours: Neighbours, way: Way) -> None:
    me = neighbours.me
    once = Attempt(_socket_token(me), _INVALID)
    socket = Socket(way.url(me.web, once.token, {}), **way.options(once.token, {}))
    assert socket.next() == {"ok": True}
    for again in WAYS:
        for web in (me.web, neighbours.second_web):
            assert refusal(again, web, once) == once.expected
    socket.close()


@each_way
def test_a_socket_hears_of_its_own_conversation_only(neighbours: Neighbours, way: Way) -> None:
    with (
        way.open(neighbours.me) as mine,
        way.open(neighbours.beside_me) as beside,
        way.open(neighbours.stranger) as strange,
    ):
        others = {"beside": beside, "strange": strange}
        for name, socket in others.items():
            way.say(socket, f"private to {name}")
            assert _heard(socket) == f"private to {name}"
        # Whatever else there was to hear has had its chance before one's own echo comes.
        way.say(mine, "for my own ears")
        assert _heard(mine) == "for my own ears"
        for name, socket in others.items():
            way.say(socket, f"still {name}")
            assert _heard(socket) == f"still {name}"


def _heard(socket: Socket) -> object:
    """The next customer's message that comes in, passing over what goes with it."""
    frame = socket.next_that(
        lambda frame: frame.get("direction") == "INBOUND" or _is_refusal(frame)
    )
    assert not _is_refusal(frame), frame
    return frame["text"]


@each_way
def test_a_blocked_customer_stays_unheard(neighbours: Neighbours, way: Way) -> None:
    """The socket stays open, so that writing may go on when the block is lifted."""
    visitor = arrive(neighbours.me.web, tenant=neighbours.mine.slug)
    with way.open(visitor) as before:
        Desk(visitor.conversation_id, tenant=neighbours.mine).block()
        with way.open(visitor) as after:
            for socket in (before, after):
                way.say(socket, "Let me in")
                assert _refused_frame(socket) in ("message rejected", "conversation_blocked")
    with tenant_scope(neighbours.mine.pk) as tenant:
        stored = Message.objects.filter(
            tenant=tenant, conversation_id=visitor.conversation_id, direction="INBOUND"
        )
        assert not stored.exists()


def _refused_frame(socket: Socket) -> object:
    frame = socket.next_that(_is_refusal)
    return frame.get("error") or frame["code"]


def _is_refusal(frame: dict[str, Any]) -> bool:
    return "error" in frame or frame.get("type") == "error"


@each_way
def test_a_suspended_tenant_has_no_sockets(neighbours: Neighbours, way: Way) -> None:
    name = f"suspended-{uuid4().hex[:12]}"
    tenant = services.create_tenant(slug=name, name=name, actor=SYSTEM)
    visitor = arrive(neighbours.me.web, tenant=name)
    once = _socket_token(visitor)
    with way.open(visitor):
        with tenant_scope(tenant.pk) as scoped:
            services.set_tenant_status(tenant=scoped, status=Tenant.Status.SUSPENDED, actor=SYSTEM)
        expected = (403, "tenant_suspended")
        for token in (visitor.token, once):
            assert refusal(way, visitor.web, Attempt(token, expected)) == expected
            assert refusal(way, neighbours.second_web, Attempt(token, expected)) == expected
    with way.open(neighbours.me):
        pass
