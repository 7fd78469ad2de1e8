"""What customers and agents may write, checked before anything is stored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from conversations.errors import (
    InvalidCodename,
    InvalidName,
    InvalidNote,
    InvalidReason,
    InvalidText,
    TextTooLong,
)
from kernel.errors import InvalidParameter
from kernel.text import (
    is_storable,
    is_visible,
    single_line,
    utf16_length,
    visible_line,
    without_hidden_controls,
)

MAX_TEXT = 4000
# Of a socket's frame, in UTF-16 units.
MAX_FRAME = 4096
MIN_NAME = 2
MAX_NAME = 32
MAX_AGENT_NAME = 64
MAX_REASON = 200
_MAX_SEQ = 2**31 - 1
_LINK = re.compile(r"https?://|www\.|\.[^\W\d_]{2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Receipts:
    """Up to which seq a customer's widget has got messages, and has shown them."""

    delivered_seq: int = 0
    seen_seq: int = 0

    def is_news_after(self, earlier: "Receipts") -> bool:
        """Whether it says more than an earlier one."""
        return self.delivered_seq > earlier.delivered_seq or self.seen_seq > earlier.seen_seq


def message_text(raw: object) -> str:
    """The trimmed text of a message; raises InvalidText, or TextTooLong over 4000 UTF-16 units."""
    if not isinstance(raw, str) or not is_storable(raw):
        raise InvalidText()
    text = raw.strip()
    if not text:
        raise InvalidText()
    if utf16_length(text) > MAX_TEXT:
        raise TextTooLong()
    return text


def receipts(said: Mapping[str, object]) -> Receipts:
    """What a widget says it has got and shown; absent numbers say nothing.

    Raises InvalidParameter, with the field, for what is no seq.
    """
    return Receipts(_seq(said, "delivered_seq"), _seq(said, "seen_seq"))


def _seq(said: Mapping[str, object], name: str) -> int:
    value = said.get(name)
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value <= _MAX_SEQ:
        raise InvalidParameter(f"'{name}' must be a message's seq.", details={"field": name})
    return value


def customer_name(raw: object) -> str:
    """A visible name of 2 to 32 characters without links, in one line; raises InvalidName.

    As `name_at_start`, but a name that shows nothing is refused.
    """
    name = name_at_start(raw)
    if not name:
        raise InvalidName()
    return name


def name_at_start(raw: object) -> str:
    """A customer's name of 2 to 32 characters without links; raises InvalidName.

    Widgets in the field keep the names that were accepted once and send them with each start, so
    all of those are accepted: the lower bound counts UTF-16 units, as for a single emoji, hidden
    controls are dropped, and a name that shows nothing counts as none (an empty text).
    """
    if not isinstance(raw, str) or not is_storable(raw):
        raise InvalidName()
    given = " ".join(raw.split())
    if utf16_length(given) < MIN_NAME or len(given) > MAX_NAME or _LINK.search(given):
        raise InvalidName()
    name = single_line(without_hidden_controls(given))
    if _LINK.search(name):
        # Spelled with something hidden inside.
        raise InvalidName()
    return name if is_visible(name) else ""


def optional_name_at_start(raw: object) -> str:
    """As `name_at_start`; empty for no name at all."""
    return "" if raw is None or raw == "" else name_at_start(raw)


def codename(raw: str) -> str:
    """A visible codename of 2 to 48 characters in one line; raises InvalidCodename."""
    name = visible_line(raw)
    if name is None or not 2 <= len(name) <= 48:
        raise InvalidCodename()
    return name


def note(raw: str) -> str:
    """A trimmed note, empty to remove it; raises InvalidNote over 2000 characters.

    One that shows nothing removes it, too.
    """
    text = raw.strip()
    if len(text) > 2000 or not is_storable(text):
        raise InvalidNote()
    return text if is_visible(text) else ""


def legal_hold_reason(raw: object) -> str:
    """Why a conversation must be kept, in one line of up to 200; raises InvalidReason."""
    reason = " ".join(raw.split()) if isinstance(raw, str) and is_storable(raw) else ""
    if not 1 <= len(reason) <= MAX_REASON or not any(map(str.isalnum, reason)):
        raise InvalidReason()
    return reason


def agent_name(raw: str) -> str:
    """The name above an agent's answers, in one line of visible characters; empty for none.

    Raises InvalidParameter for others.
    """
    if not raw.strip():
        return ""
    name = visible_line(raw)
    if name is None or len(name) > MAX_AGENT_NAME:
        raise InvalidParameter(
            f"Use up to {MAX_AGENT_NAME} characters, at least one of them visible, without "
            "control characters or overrides of the direction of text."
        )
    return name


def client_id(raw: object) -> str | None:
    """The sender's own id of a message: absent, or 1 to 64 characters; raises InvalidText."""
    if raw is None:
        return None
    if not isinstance(raw, str) or not 1 <= len(raw) <= 64 or not is_storable(raw):
        raise InvalidText("client_id must be a text of 1 to 64 characters.")
    return raw
