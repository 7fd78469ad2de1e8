"""Texts as the words that a search compares."""

import re
import unicodedata
from collections.abc import Iterable

# As much of a word as is compared.
MAX_WORD = 64
_WORD = re.compile(r"[^\W_]+")


def words_of(texts: Iterable[str]) -> list[str]:
    """The different words of all texts, in order.

    A word is a run of letters and digits, without regard to case, accents and widths. The migration
    that has indexed what was there before keeps a copy: change one with a migration that does it
    again.
    """
    plain = unicodedata.normalize("NFKD", "\n".join(texts).casefold()).casefold()
    bare = "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")
    return sorted({word[:MAX_WORD] for word in _WORD.findall(bare)})
