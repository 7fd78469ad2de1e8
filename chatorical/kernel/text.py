"""Measuring and checking text the way browsers, JSON and Telegram do."""

import unicodedata


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: JavaScript's and Telegram's measure."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_storable(text: str) -> bool:
    """False for NUL, which PostgreSQL refuses, and for lone surrogates, which are no characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def split_utf16(text: str, limit: int) -> list[str]:
    """Cut `text` into pieces of at most `limit` UTF-16 units, none of them empty.

    Prefers to cut after a line break, then after a blank, in the last quarter of a piece; never
    inside a character or between a character and the marks that belong to it.
    """
    pieces: list[str] = []
    rest = text
    while utf16_length(rest) > limit:
        end = _end_within(rest, limit)
        cut = _pleasant_cut(rest, end)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    if rest:
        pieces.append(rest)
    return pieces


def _end_within(text: str, limit: int) -> int:
    units = 0
    for index, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > limit:
            return index
    return len(text)


def _pleasant_cut(text: str, end: int) -> int:
    floor = end - end // 4
    for separator in ("\n", " "):
        position = text.rfind(separator, floor, end)
        if position > 0:
            return position + 1
    cut = end
    while cut > floor and _clings_to_the_left(text, cut):
        cut -= 1
    return cut


def _clings_to_the_left(text: str, index: int) -> bool:
    """Whether the character at `index` is drawn together with the one before it."""
    character, before = text[index], text[index - 1]
    return (
        unicodedata.category(character).startswith("M")
        or character == "\u200d"
        or before == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # the tail of some flags
        or (_is_half_a_flag(character) and _flag_halves_before(text, index) % 2 == 1)
    )


def _is_half_a_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, index: int) -> int:
    start = index
    while start > 0 and _is_half_a_flag(text[start - 1]):
        start -= 1
    return index - start
