"""Whether a customer's name reads like the label of what a colleague has written by API."""

import re
import unicodedata

from kernel.text import is_visible

# What is drawn like one of these letters, after case folding: letters of other scripts, and signs.
_LIKE = {
    "b": "ьвбβƀƅɓʙⲃꓐᏏᏼᏴ",
    "y": "уүұγυɣʏƴɏყⲩꓬᎩᎽ",
    "a": "аαɑᴀⲁꓮᎪ",
    "p": "рҏρᴘⲣꓑᏢ",
    "i": "іӏιıɩɪǀⲓꓲᎥl1|∣│",
}
# Where the alphabets of circled and squared letters and of halves of flags begin.
_ALPHABETS = (0x1F150, 0x1F170, 0x1F1E6)
_LETTERS = {ord(sign): letter for letter, signs in _LIKE.items() for sign in signs} | {
    first + ord(letter) - ord("a"): letter for first in _ALPHABETS for letter in _LIKE
}
# Of characters that are drawn: marks on letters, and letters that are drawn like marks.
_MARKS = frozenset({"Mn", "Mc", "Me", "Lm"})
_BLANKS = frozenset({"Zs", "Zl", "Zp"})
_BY_API = re.compile(r"b[\W_]*y[\W_]*a[\W_]*p[\W_]*i+(?![^\W_])")


def reads_as_by_api(name: str) -> bool:
    """Whether it says `by API`, in whatever letters, with whatever between and behind them."""
    return bool(_BY_API.search(_skeleton(name)))


def _skeleton(text: str) -> str:
    """The text as the eye takes it: plain small letters, without what is not drawn."""
    plain = "".join(filter(_is_drawn, unicodedata.normalize("NFKD", text)))
    return plain.casefold().translate(_LETTERS)


def _is_drawn(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind in _BLANKS or (kind not in _MARKS and is_visible(character))
