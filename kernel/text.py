"""Measuring and checking text the way browsers, JSON and Telegram do."""

import re
import unicodedata

# Characters that take part in drawing others or draw nothing, although they are letters, symbols or
# marks by their category: Unicode's Default_Ignorable_Code_Point, blanks of other scripts and
# code points that are no characters.
_UNDRAWN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\ufffc\U0001bca0-\U0001bca3"
    "\ufdd0-\ufdef\ufffe\uffff\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Kinds that show nothing by themselves: blanks, controls, marks without a character to sit on.
_BARE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Mc", "Me"})
# What does nothing at the beginning or the end of a line. Joiners, variation selectors and marks
# of direction are not here where they belong to the character before them.
_EDGE = "\u00ad\u034f\u115f\u1160\u200b\u200c\u2060-\u2064\u2800\u3164\ufeff\uffa0"
_EDGES = re.compile(rf"^[\s\u200d{_EDGE}]+|[\s{_EDGE}]+$")
# Controls, overrides of direction, and formatting that Unicode has withdrawn.
_NEVER_IN_LINE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202d\u202e\u206a-\u206f\ufff9-\ufffb\U000e0001]"
)
_DIRECTIONS = re.compile("[\u202a-\u202c\u2066-\u2069]")
# A flag such as England's is spelled out in tags; elsewhere tags are text that nobody sees.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0020-\U000e007f]")


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


def is_visible(text: str) -> bool:
    """Whether something of the text is drawn: a letter, digit, sign or emoji.

    Blanks, controls, joiners, fillers, tags, and marks without a character that carries them are
    not. What Unicode has added after this Python counts as drawn.
    """
    return any(
        unicodedata.category(character) not in _BARE and not _UNDRAWN.match(character)
        for character in text
    )


def from_first_visible(text: str) -> str:
    """The text without what is before the first character that is drawn; empty without one."""
    start = next((at for at, character in enumerate(text) if is_visible(character)), len(text))
    return text[start:]


def single_line(text: str) -> str:
    """The text with single blanks for all blanks and line breaks, and without undrawn edges."""
    return _EDGES.sub("", " ".join(text.split()))


def without_hidden_controls(text: str) -> str:
    """The text without what could change how its surroundings read.

    Controls, overrides of direction, embeddings and isolates of direction that are not closed, and
    tags outside of flags go; joiners, variation selectors and marks of direction stay, since names
    in Persian, Hindi or Sinhala, and most emoji, are spelled with them.
    """
    text = _TAGS.sub(lambda match: match.group(1) or "", _NEVER_IN_LINE.sub("", text))
    return text if _are_directions_closed(text) else _DIRECTIONS.sub("", text)


def visible_line(text: object) -> str | None:
    """A name as it is kept, in one line; None for what cannot name anything.

    That is: no text, nothing visible, what cannot be stored, and hidden controls.
    """
    if not isinstance(text, str) or not is_storable(text):
        return None
    line = single_line(text)
    return line if is_visible(line) and line == without_hidden_controls(line) else None


def _are_directions_closed(text: str) -> bool:
    opened: list[str] = []
    for mark in _DIRECTIONS.findall(text):
        if mark in "\u202a\u202b":
            opened.append("\u202c")
        elif mark in "\u2066\u2067\u2068":
            opened.append("\u2069")
        elif not opened or opened.pop() != mark:
            return False
    return not opened
