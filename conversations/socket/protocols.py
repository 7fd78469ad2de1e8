"""The two languages that sockets speak: how a frame is read, and how things are said back.

A protocol has no state: one object serves every socket.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from msgspec import UNSET, UnsetType

from conversations import validation
from conversations.errors import FrameTooLarge, TextTooLong, UnknownType
from conversations.socket.frames import Ack, ErrorFrame, Frame, InfoNote, V1Error
from conversations.socket.pushes import MessagePush, Push
from conversations.validation import Receipts
from kernel.errors import DomainError, InvalidJson
from kernel.text import is_storable
from tenants.errors import OverLimit, TenantReadOnly

V2 = "chatorical.v2"
# What v1 sockets are told by name; every other refusal is REJECTED to them.
V1_ERRORS = frozenset(
    {"too_large", "rate_limited", "message_too_long", "over_limit", "unavailable"}
    | {"conversation_not_found", "tenant_not_found", "tenant_suspended"}
)
# What has another name for v1 sockets: they know no word for a tenant that has not paid.
_V1_NAMES = {"tenant_read_only": "over_limit"}
REJECTED = "message rejected"
# JSON may write a character in six bytes that UTF-8 writes in three.
_ESCAPING = 2


@dataclass(frozen=True, slots=True)
class Say:
    """The customer says something; `client_id` is theirs, not validated yet."""

    text: str
    client_id: object = None


class Typing:
    """The customer is writing."""


class Ping:
    """Is anybody there?"""


class Pong:
    """Yes; nothing to do."""


Request = Say | Receipts | Typing | Ping | Pong


class SocketProtocol(Protocol):
    """What a socket asks of its language."""

    subprotocol: str | None

    def read(self, raw: str) -> Request:
        """What the client wants; raises InvalidJson, UnknownType, FrameTooLarge and
        InvalidParameter."""

    def text(self, push: Push) -> str | None:
        """A push as this protocol writes it; None for what it cannot say."""

    def ack(self, push: MessagePush, client_id: object) -> Frame | None:
        """The sender's message is stored; None where senders hear that from the message itself."""

    def error(self, error: DomainError, client_id: object = None) -> Frame:
        """Something was refused."""

    def note(self, error: DomainError) -> Frame | None:
        """Words for the customer about what was refused, where the widget has none of its own."""


class _V1:
    """No subprotocol: a frame is a message, verbatim, even if it looks like JSON."""

    subprotocol: str | None = None

    def read(self, raw: str) -> Request:
        return Say(raw)

    def text(self, push: Push) -> str | None:
        return push.v1_text

    def ack(self, push: MessagePush, client_id: object) -> Frame | None:
        return None

    def error(self, error: DomainError, client_id: object = None) -> Frame:
        code = socket_code(error)
        code = _V1_NAMES.get(code, code)
        return V1Error(code if code in V1_ERRORS else REJECTED)

    def note(self, error: DomainError) -> Frame | None:
        if not isinstance(error, OverLimit | TenantReadOnly):
            return None
        return InfoNote(key=OverLimit.code, text=error.public_message)


class _V2:
    """`chatorical.v2`: a JSON object with a `type`, both ways."""

    subprotocol: str | None = V2

    def read(self, raw: str) -> Request:
        if len(raw.encode(errors="surrogatepass")) > _ESCAPING * settings.WS_MAX_MSG_BYTES:
            raise FrameTooLarge()
        try:
            asked = json.loads(raw)
        except (ValueError, RecursionError):
            raise InvalidJson(_NO_OBJECT) from None
        if not isinstance(asked, dict):
            raise InvalidJson(_NO_OBJECT)
        match asked.get("type"):
            case "message":
                text = asked.get("text")
                return Say(text if isinstance(text, str) else "", asked.get("client_id"))
            case "receipts":
                return validation.receipts(asked)
            case "typing":
                return Typing()
            case "ping":
                return Ping()
            case "pong":
                return Pong()
        raise UnknownType()

    def text(self, push: Push) -> str | None:
        return push.v2_text

    def ack(self, push: MessagePush, client_id: object) -> Frame | None:
        return Ack(_named(client_id), push.id, push.seq, push.created_at)

    def error(self, error: DomainError, client_id: object = None) -> Frame:
        return ErrorFrame(_named(client_id), socket_code(error), error.public_message)

    def note(self, error: DomainError) -> Frame | None:
        return None


_NO_OBJECT = "The frame must be a JSON object."
PLAIN: SocketProtocol = _V1()
TYPED: SocketProtocol = _V2()


def choose(offered: Sequence[str]) -> SocketProtocol:
    """The protocol for the subprotocols that a client offers."""
    return TYPED if V2 in offered else PLAIN


def offered_tokens(offered: Sequence[str]) -> list[str]:
    """Tokens that a browser, which cannot set headers, offers beside the subprotocol."""
    return [value for value in offered if value != V2] if V2 in offered else []


def socket_code(error: DomainError) -> str:
    """An error's code as sockets know it: theirs for a long text is older than HTTP's."""
    return "message_too_long" if isinstance(error, TextTooLong) else error.code


def _named(client_id: object) -> str | UnsetType:
    if isinstance(client_id, str) and 0 < len(client_id) <= 64 and is_storable(client_id):
        return client_id
    return UNSET
