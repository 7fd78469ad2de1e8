"""Message text the way Telegram treats it: UTF-16 lengths, cleaning, entities."""

from __future__ import annotations

import re

from channels_telegram.simulator.records import Json

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
MAX_RAW_BYTES = 32768
MAX_TOPIC_NAME = 128

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
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
    """Drop control characters, trim both ends, and move the entities along."""
    if _CONTROL.search(text):
        text = _CONTROL.sub("", text)
    trimmed = text.strip()
    if not entities or len(trimmed) == len(text):
        return trimmed, entities
    shift = units(text[: len(text) - len(text.lstrip())])
    end = units(trimmed)
    moved: list[Json] = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        stop = min(entity["offset"] - shift + entity["length"], end)
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return trimmed, moved


def topic_name(raw: str) -> str:
    """A topic's name as stored: blanks joined, ends trimmed, cut (not refused) at 128."""
    return _BLANKS.sub(" ", _CONTROL.sub("", raw)).strip()[:MAX_TOPIC_NAME].strip()


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
