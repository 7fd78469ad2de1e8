"""A message's text as a customer reads it: plain words, with the addresses of its links.

Telegram keeps formatting beside the text, as entities: a kind, an offset and a length in UTF-16
units, and for a link whose words are not its address, that address. Of all that, only addresses
mean more than the words do, so they are written behind them: `here (https://shop.example)`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import quote

import msgspec

from conversations.validation import MAX_TEXT
from kernel.text import utf16_length

_LINK = "text_link"
# Other schemes mean something to Telegram's own apps only, or run code.
_WEB = re.compile(r"https?://(?=[^/?#])", re.IGNORECASE)
_PERSONAL = re.compile(r"(?:mailto|tel):(?=.)", re.IGNORECASE)
# Blank or invisible in an address: line breaks, and what turns the direction of writing around.
_UNWRITABLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]"
)


class _Entity(msgspec.Struct):
    type: str
    offset: int
    length: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Link:
    """Characters `start` to `end` of the text stand for an address."""

    start: int
    end: int
    address: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as a customer reads it; not `is_whole` when addresses are left out of it."""

    text: str
    is_whole: bool = True


def read(text: str, entities: bytes = b"") -> Reading:
    """The text with the address of each link behind the link's words; no word is ever lost.

    `entities` is Telegram's JSON list. Entities that cannot be right, such as one beyond the end,
    are ignored. An address that would make the text longer than a message may be is left out.
    """
    if _LINK.encode() not in entities:
        return Reading(text)
    links = _merged(text, _links(text, entities))
    room = MAX_TEXT - utf16_length(text)
    written: list[str] = []
    done, is_whole = 0, True
    for link in sorted(links, key=lambda link: link.end):
        words = text[link.start : link.end]
        if _says(words, link.address):
            continue
        address = f" ({link.address})" if words.strip() else link.address
        if utf16_length(address) > room:
            is_whole = False
            continue
        room -= utf16_length(address)
        # Behind the last word, not behind the blank that was marked with it.
        end = max(link.start + len(words.rstrip()), done)
        written += [text[done:end], address]
        done = end
    return Reading("".join([*written, text[done:]]), is_whole)


def _links(text: str, entities: bytes) -> list[_Link]:
    """The links in order of their beginnings, each once."""
    starts = list(accumulate((2 if character > "\uffff" else 1 for character in text), initial=0))
    length = starts[-1]
    index_of = {units: index for index, units in enumerate(starts)}
    found: set[_Link] = set()
    for entity in _readable(entities):
        address = _address(entity.url)
        stop = min(entity.offset + entity.length, length)
        if entity.type != _LINK or not address or not 0 <= entity.offset < stop:
            continue
        # An offset inside a character stands for all of it.
        start = index_of.get(entity.offset, index_of.get(entity.offset - 1, 0))
        end = index_of.get(stop, index_of.get(stop + 1, len(text)))
        found.add(_Link(start, end, address))
    return sorted(found, key=lambda link: (link.start, link.end, link.address))


def _readable(entities: bytes) -> Iterable[_Entity]:
    try:
        listed = msgspec.json.decode(entities)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    for one in listed if isinstance(listed, list) else ():
        try:
            yield msgspec.convert(one, _Entity)
        except msgspec.ValidationError:
            # Of a shape that Telegram does not send: without meaning for the words.
            continue


def _merged(text: str, links: list[_Link]) -> list[_Link]:
    """Telegram cuts a link in pieces where other formatting begins in it: they are one link."""
    merged: list[_Link] = []
    for link in links:
        before = merged[-1] if merged else None
        if (
            before is not None
            and before.address == link.address
            and not text[before.end : link.start].strip()
        ):
            merged[-1] = _Link(before.start, max(before.end, link.end), link.address)
        else:
            merged.append(link)
    return merged


def _address(url: str) -> str:
    """The address as people read it, or an empty text where there is none for a customer."""
    url = url.strip()
    if _PERSONAL.match(url):
        # A person's address is known by itself; what follows a `?` fills in a letter.
        url = url.partition(":")[2].partition("?")[0]
    elif not _WEB.match(url):
        return ""
    return _UNWRITABLE.sub(lambda found: quote(found[0]), url)


def _says(words: str, address: str) -> bool:
    """Whether the words are the address already, perhaps without `https://` and the last slash."""
    words, address = words.strip().rstrip("/"), address.rstrip("/")
    return words in (address, _WEB.sub("", address)) or _lowered(words) == _lowered(address)


def _lowered(address: str) -> str:
    """With its scheme and host in lower case, which mean the same in any."""
    scheme = _WEB.match(address)
    if scheme is None:
        return address
    host, slash, path = address[scheme.end() :].partition("/")
    return f"{scheme[0].lower()}{host.lower()}{slash}{path}"
