"""Message text the way Telegram treats it: UTF-16 lengths, cleaning, entities."""

from __future__ import annotations

import re

from telegram_simulator.records import Json

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
MAX_RAW_BYTES = 32768
MAX_TOPIC_NAME = 128

_TO_BLANK = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_MARKS_BEFORE_A_MARK = re.compile("[\u200e\u200f](?=[\u200e\u200f])")
# What counts as a blank where only blanks are empty; the second kind stays where it is.
_BLANKS = "\u1680\u180e\u2000-\u200a\u202e\u202f\u205f\u2800\u3000\ufffc\U000e0000-\U000e007f"
_BLANK = re.compile(f"[{_BLANKS}]")
_SEEN = re.compile(f"[^ \n{_BLANKS}\u200b-\u200f\ufeff\u00a0]")
_ROWS_OF_BLANKS = re.compile("[ \n\u00a0]+")
_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)"
    r"|(?P<url>https?://[^\s]+)"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[\w.-]+)"
    r"|(?P<mention>(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31})"
)

SELF_DETECTED = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
    | {"bank_card_number"}
)
"""Kinds that Telegram finds by itself and ignores when a bot sends them."""


def units(text: str) -> int:
    """Length in UTF-16 code units, which is how Telegram counts."""
    if text.isascii():
        return len(text)
    return len(text) + sum(char > "\uffff" for char in text)


def clean(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """A message's text as it is stored, with its entities moved along; empty when nothing is seen.

    Control characters become blanks or go, both ends are trimmed, and a text of characters that
    nobody sees is no text.
    """
    text = _MARKS_BEFORE_A_MARK.sub("\u200c", _TO_BLANK.sub(" ", text))
    gaps = [found.start() for found in _DROPPED.finditer(text)]
    if entities and gaps:
        entities = _moved_over(text, entities, gaps)
    text = _DROPPED.sub("", text)
    trimmed = text.strip(" \n")
    if not is_seen(trimmed):
        return "", []
    if not entities or len(trimmed) == len(text):
        return trimmed, entities
    shift = units(text[: len(text) - len(text.lstrip(" \n"))])
    end = units(trimmed)
    moved: list[Json] = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        stop = min(entity["offset"] - shift + entity["length"], end)
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return trimmed, moved


def is_seen(text: str) -> bool:
    """Whether anything of it can be seen, by Telegram's list of what cannot."""
    return _SEEN.search(text) is not None


def _moved_over(text: str, entities: list[Json], gaps: list[int]) -> list[Json]:
    """The entities once the characters at these places, of one unit each, are gone."""
    places = [units(text[:gap]) for gap in gaps]

    def moved(units_before: int) -> int:
        return units_before - sum(place < units_before for place in places)

    return [
        {**one, "offset": start, "length": stop - start}
        for one in entities
        if (stop := moved(one["offset"] + one["length"])) > (start := moved(one["offset"]))
    ]


def in_order(entities: list[Json]) -> list[Json]:
    """As Telegram lists them: by place, the longest first."""
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def topic_name(raw: str) -> str:
    """A topic's name as stored: blanks joined, ends trimmed, cut (not refused) at 128.

    Empty when nothing of it can be seen.
    """
    name = _BLANK.sub(" ", _DROPPED.sub("", _TO_BLANK.sub(" ", raw))).strip(" \n")
    name = name[:MAX_TOPIC_NAME].strip(" \n")
    return _ROWS_OF_BLANKS.sub(" ", name).strip() if is_seen(name) else ""


def detect(text: str) -> list[Json]:
    """The entities that Telegram finds by itself: commands, links, addresses, mentions."""
    if "/" not in text and "@" not in text:
        return []
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        found.append(
            {
                "type": match.lastgroup or "",
                "offset": units(text[: match.start()]),
                "length": units(match.group()),
            }
        )
    return found
