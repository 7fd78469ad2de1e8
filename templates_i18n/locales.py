"""Locale tags: cleaning them, and the order in which texts are looked up.

Tags come from strangers and may be anything of any length: only their beginning is looked at.
"""

import re

from chatorical.kernel.errors import InvalidParameter

DEFAULT_LOCALE = "default"
MAXIMUM_LENGTH = 35
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}")
# Two letters, whatever follows; or the beginning of a longer word, after which comes nothing or
# what separates the parts of a tag.
_TWO_LETTERS = re.compile(r"([a-z]{2})(?:(?![a-z])|[a-z]{1,33}(?![^-_.,;@ ]))")


def two_letters(tag: str | None) -> str:
    """The first two letters, lower-cased (`lv-LV` → `lv`); `default` for what is no language.

    `default` itself stays: its first two letters happen to be those of German.
    """
    cleaned = _beginning(tag)
    match = None if cleaned == DEFAULT_LOCALE else _TWO_LETTERS.match(cleaned)
    return match.group(1) if match else DEFAULT_LOCALE


def canonical(tag: str | None) -> str:
    """A whole tag in lower case with hyphens (`pt_BR` → `pt-br`), else `default`."""
    cleaned = _beginning(tag).replace("_", "-")
    is_tag = len(cleaned) <= MAXIMUM_LENGTH and _TAG.fullmatch(cleaned) is not None
    return cleaned if is_tag else DEFAULT_LOCALE


def require_locale(tag: str) -> str:
    """As `canonical`; raises InvalidParameter for what is neither a tag nor `default`."""
    place = canonical(tag)
    if place == DEFAULT_LOCALE and _beginning(tag) != DEFAULT_LOCALE:
        raise InvalidParameter(
            f"{tag[:40]!r} is not a language tag such as lv or pt-BR.",
            details={"field": "locale"},
        )
    return place


def language_of(locale: str) -> str:
    """The language of a canonical tag: `pt-br` → `pt`."""
    return locale.partition("-")[0]


def fallbacks(locale: str | None) -> tuple[str, ...]:
    """Where to look for a text, best first: exact, its language alone, `default`.

    The language is nearly always two letters. Of a longer one they would be another language's:
    `fil`, Filipino, does not fall back to `fi`, Finnish.
    """
    exact = canonical(locale)
    return tuple(dict.fromkeys((exact, language_of(exact), DEFAULT_LOCALE)))


def _beginning(tag: str | None) -> str:
    """Enough of the tag to see what it is, without blanks around it, in lower case."""
    return (tag or "")[: MAXIMUM_LENGTH + 1].strip().lower()
