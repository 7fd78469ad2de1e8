"""What customers and agents may write, checked before anything is stored."""

import re

from chatorical.kernel.errors import InvalidParameter
from chatorical.kernel.text import is_storable, utf16_length
from conversations.errors import (
    InvalidCodename,
    InvalidName,
    InvalidNote,
    InvalidReason,
    InvalidText,
    TextTooLong,
)

MAXIMUM_TEXT = 4000
MAXIMUM_AGENT_NAME = 64
MAXIMUM_REASON = 200
_LINK = re.compile(r"https?://|www\.|\.[^\W\d_]{2,}", re.IGNORECASE)


def message_text(raw: object) -> str:
    """The trimmed text of a message; raises InvalidText, or TextTooLong over 4000 UTF-16 units."""
    if not isinstance(raw, str) or not is_storable(raw):
        raise InvalidText()
    text = raw.strip()
    if not text:
        raise InvalidText()
    if utf16_length(text) > MAXIMUM_TEXT:
        raise TextTooLong()
    return text


def customer_name(raw: object) -> str:
    """A trimmed name of 2 to 32 characters without links; raises InvalidName.

    The lower bound counts UTF-16 units: widgets in the field keep names that were accepted so, such
    as a single emoji, and offer them again at each start.
    """
    if not isinstance(raw, str) or not is_storable(raw):
        raise InvalidName()
    name = " ".join(raw.split())
    if utf16_length(name) < 2 or len(name) > 32 or _LINK.search(name):
        raise InvalidName()
    return name


def codename(raw: str) -> str:
    """A trimmed codename of 2 to 48 characters; raises InvalidCodename."""
    name = " ".join(raw.split())
    if not 2 <= len(name) <= 48 or not is_storable(name):
        raise InvalidCodename()
    return name


def note(raw: str) -> str:
    """A trimmed note, empty to remove it; raises InvalidNote over 2000 characters."""
    text = raw.strip()
    if len(text) > 2000 or not is_storable(text):
        raise InvalidNote()
    return text


def legal_hold_reason(raw: object) -> str:
    """Why a conversation must be kept, in one line of up to 200; raises InvalidReason."""
    reason = " ".join(raw.split()) if isinstance(raw, str) and is_storable(raw) else ""
    if not 1 <= len(reason) <= MAXIMUM_REASON or not any(map(str.isalnum, reason)):
        raise InvalidReason()
    return reason


def agent_name(raw: str) -> str:
    """The name above an agent's answers, in one line of visible characters; empty for none.

    Raises InvalidParameter for others.
    """
    name = " ".join(raw.split())
    if len(name) > MAXIMUM_AGENT_NAME or not name.isprintable() or not is_storable(name):
        raise InvalidParameter(f"Use up to {MAXIMUM_AGENT_NAME} visible characters.")
    return name


def client_id(raw: object) -> str | None:
    """The sender's own id of a message: absent, or 1 to 64 characters; raises InvalidText."""
    if raw is None:
        return None
    if not isinstance(raw, str) or not 1 <= len(raw) <= 64 or not is_storable(raw):
        raise InvalidText("client_id must be a text of 1 to 64 characters.")
    return raw
