"""Taking a variable without a value out of a text, so that the rest still reads well."""

import re
from collections.abc import Collection

# No text that can be stored contains it.
_GAP = "\x00"
# Bounded, so that no text takes long.
_BLANKS = r"[^\S\n]{0,9}"
_COMMA = ",،，、"
_DASH = "–—-"
_END = ".!?…。！？؟"
# After these the line, sentence or clause goes on without what stood before them.
_CLOSING = re.escape(_COMMA + _END + ";:؛；：)]}»”")
# What encloses nothing but the variable goes with it.
_PAIRS = ("()", "[]", "«»", "“”", "„“", "„”", "‘’", '""', "''", "¡!", "¿?")
_OPENING = "([«“„‘¡¿"

# How Japanese and Korean address a person: not a word of its own, nor the beginning of another one.
_HONORIFIC = re.compile(
    rf"{_GAP}(?:(?:さん|さま|様(?![子々式])|님|씨)|{_BLANKS}(?:さん|さま|様|님|씨)(?!\w))"
)
_POSSESSIVE = re.compile(rf"{_GAP}['’]s\b")
_ENCLOSED = re.compile(
    "|".join(
        rf"{re.escape(pair[0])}{_BLANKS}{_GAP}{_BLANKS}{re.escape(pair[1])}" for pair in _PAIRS
    )
)
_SEVERAL = re.compile(rf"{_GAP}(?:{_BLANKS}{_GAP})+")
_LINE = re.compile(
    rf"^{_BLANKS}{_GAP}{_BLANKS}[{re.escape(_COMMA + _END + _DASH)};:]*{_BLANKS}(?:\n|\Z)",
    re.MULTILINE,
)
_BEGINNING = re.compile(
    rf"(?P<before>^{_BLANKS}|[{re.escape(_END)}](?=\s){_BLANKS}){_GAP}{_BLANKS}"
    rf"[{re.escape(_COMMA + _END + _DASH)};:؛；：]*{_BLANKS}(?P<quote>[{re.escape(_OPENING)}]*)"
    r"(?P<word>\S*)",
    re.MULTILINE,
)
_BEFORE_AN_END = re.compile(
    rf"(?:{_BLANKS}[{re.escape(_COMMA + _DASH)}])?{_BLANKS}{_GAP}(?={_BLANKS}(?:[{_CLOSING}]|$))",
    re.MULTILINE,
)
_BETWEEN_COMMA_AND_DASH = re.compile(
    rf"{_BLANKS}[{re.escape(_COMMA)}]{_BLANKS}{_GAP}(?={_BLANKS}[{re.escape(_DASH)}])"
)
_INSIDE = re.compile(
    rf"(?P<left>{_BLANKS})(?P<opening>(?<=[{re.escape(_OPENING)}]))?{_GAP}(?P<right>{_BLANKS})"
)
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*[^\w\s:/@{}]*")


def without(text: str, names: Collection[str]) -> str:
    """The text without these variables, and without the blanks and commas that belong to them.

    `Hello {customer_name}, …` becomes `Hello, …`, `Hi {customer_name}!` becomes `Hi!`. A text that
    says nothing else becomes empty. All other words and blanks stay as they are.
    """
    for name in names:
        text = text.replace(f"{{{name}}}", _GAP)
    if _GAP not in text:
        return text
    text = _HONORIFIC.sub(_GAP, text)
    text = _POSSESSIVE.sub(_GAP, text)
    text = _ENCLOSED.sub(_GAP, text)
    text = _SEVERAL.sub(_GAP, text)
    text = _LINE.sub("", text)
    text = _BEGINNING.sub(_begin, text)
    text = _BETWEEN_COMMA_AND_DASH.sub("", text)
    text = _BEFORE_AN_END.sub("", text)
    return _INSIDE.sub(_join, text).strip()


def _begin(match: re.Match[str]) -> str:
    """What the line or sentence begins with now, in a capital where it is a plain word."""
    word = match["word"]
    if _PLAIN_WORD.fullmatch(word) and word.islower():
        word = word[0].upper() + word[1:]
    return f"{match['before']}{match['quote']}{word}"


def _join(match: re.Match[str]) -> str:
    """One blank where there were two; the right one, as it may be one that does not break."""
    if match["opening"] is not None:
        return ""
    return match["right"] or match["left"]
