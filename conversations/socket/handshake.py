"""The wish to open a socket, as it stands on the wire, and its refusal before the upgrade."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from conversations.errors import InvalidToken
from conversations.socket.actions import SocketRequest
from conversations.socket.protocols import offered_tokens
from kernel.context import current_request_id
from kernel.errors import DomainError
from kernel.http import SECURITY_HEADERS, address_of_scope
from tenants.resolution import Hints

_CLOSE_POLICY = 1008


def socket_request(scope: dict[str, Any]) -> SocketRequest:
    """What the client asks for, with a token in the address or among the subprotocols.

    Raises InvalidToken for two different tokens, of which each reader might take another one, and
    what `Hints.of` raises.
    """
    named: dict[str, str] = {}
    for raw_name, value in scope["headers"]:
        # Of several of one name one list, as HTTP has it: each proxy may add a line of its own.
        name, text = raw_name.decode("latin-1"), value.decode("latin-1")
        named[name] = f"{named[name]},{text}" if name in named else text
    query = parse_qs(scope["query_string"].decode("latin-1"))
    first = {name: values[0] for name, values in query.items()}
    address = address_of_scope(scope)
    return SocketRequest(
        token=_the_token(query.get("token", []), scope.get("subprotocols") or ()),
        address=address,
        origin=named.get("origin"),
        after=_seq(first.get("after", "")),
        hints=Hints.of(query=query, headers=named, address=address),
    )


def refusal(scope: dict[str, Any], error: DomainError) -> list[dict[str, Any]]:
    """The ASGI events that refuse the upgrade; 401, 403, 404, 429 or 503, never less than 401."""
    if not _can_answer_with_http(scope):
        return [{"type": "websocket.close", "code": _CLOSE_POLICY}]
    headers = [
        (b"content-type", b"application/json"),
        (b"x-request-id", current_request_id().encode()),
        *((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()),
    ]
    if error.retry_after_seconds:
        headers.append((b"retry-after", str(error.retry_after_seconds).encode()))
    status = error.http_status if error.http_status >= 401 else 403
    body = json.dumps(error.envelope()).encode()
    return [
        {"type": "websocket.http.response.start", "status": status, "headers": headers},
        {"type": "websocket.http.response.body", "body": body},
    ]


def sendable(scope: dict[str, Any], code: int) -> int:
    """A close code as the server can send it.

    daphne refuses to send the protocol's own codes: there, 4008 stands for 1008.
    """
    return code if _can_answer_with_http(scope) else code + 3000


def _the_token(in_address: Sequence[str], subprotocols: Sequence[str]) -> str:
    tokens = {*in_address, *offered_tokens(subprotocols)} - {""}
    if len(tokens) > 1:
        raise InvalidToken()
    return next(iter(tokens), "")


def _can_answer_with_http(scope: dict[str, Any]) -> bool:
    return "websocket.http.response" in (scope.get("extensions") or {})


def _seq(text: str) -> int | None:
    """The seq after which a socket wants to go on; None, as without one, for what is no seq."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
