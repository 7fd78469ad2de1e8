"""A customer's end of a socket that speaks `chatorical.v2`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.typing import Subprotocol

from tests.customer import Customer, Socket

V2 = Subprotocol("chatorical.v2")


class TypedSocket(Socket):
    """An open v2 socket.

    It passes over what other processes say whenever they come to it, unless a test wants that.
    """

    passes_over = frozenset({"delivered", "agent_joined"})

    def __init__(self, address: str, *more: str) -> None:
        protocols = [V2, *(Subprotocol(value) for value in more)]
        super().__init__(address, subprotocols=protocols)
        self.accepted: str | None = self.connection.subprotocol

    def ask(self, kind: str, **more: object) -> None:
        """Send a typed frame."""
        self.connection.send(json.dumps({"type": kind, **more}))

    def message(self, text: object, client_id: object = None) -> dict[str, Any]:
        """Say something; returns what the server makes of it, passing over what others cause."""
        self.ask("message", text=text, **({} if client_id is None else {"client_id": client_id}))
        return self.next_that(lambda frame: frame["type"] in {"ack", "error"})


@contextmanager
def typed(
    visitor: Customer, web: str | None = None, query: str = "", *, shows_all: bool = False
) -> Iterator[TypedSocket]:
    """A socket of this customer's, greeted; the token travels as a browser would send it."""
    address = f"{(web or visitor.web).replace('http', 'ws')}/v1/ws?x=1{query}"
    socket = TypedSocket(address, visitor.token)
    if shows_all:
        socket.passes_over = frozenset()
    try:
        assert socket.next() == {"ok": True}
        yield socket
    finally:
        socket.close()
