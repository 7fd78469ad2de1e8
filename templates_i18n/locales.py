"""Locale tags: cleaning them, and the order in which texts are looked up.

Tags come from strangers and may be anything of any length: only their beginning is looked at.
"""

import re

from kernel.errors import InvalidParameter

DEFAULT_LOCALE = "default"
MAX_LENGTH = 35
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}")
# Two or three letters, whatever follows that is no letter.
_LANGUAGE = re.compile(r"([a-z]{2,3})(?![a-z])")
# Registered for texts in no language, in several, or in one that is not known.
_NO_LANGUAGES = frozenset({"mis", "mul", "und", "zxx"})


def language_subtag(tag: str | None) -> str:
    """The language of whatever a page says, lower-cased (`lv-LV` → `lv`, `fil_PH` → `fil`).

    `default` for what begins with no language. Only the beginning is looked at, so that the names
    of locales (`en_US.UTF-8`), lists (`en-US,en;q=0.9`) and broken tags (`en--US`) have one, too.
    """
    match = _LANGUAGE.match(_beginning(tag))
    return match.group(1) if match and match.group(1) not in _NO_LANGUAGES else DEFAULT_LOCALE


def canonical(tag: str | None) -> str:
    """A whole tag in lower case with hyphens (`pt_BR` → `pt-br`), else `default`."""
    cleaned = _beginning(tag).replace("_", "-")
    is_tag = len(cleaned) <= MAX_LENGTH and _TAG.fullmatch(cleaned) is not None
    return cleaned if is_tag and language_of(cleaned) not in _NO_LANGUAGES else DEFAULT_LOCALE


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

    `fil`, Filipino, does not fall back to `fi`, Finnish. What is no tag may begin with a language.
    """
    places = (canonical(locale), language_subtag(locale))
    own = (place for place in places if place != DEFAULT_LOCALE)
    return (*dict.fromkeys(own), DEFAULT_LOCALE)


def usual_spelling(locale: str) -> str:
    """A canonical tag in the case that people write: `pt-br` → `pt-BR`, `sr-latn` → `sr-Latn`.

    After a single letter, as in `de-x-ab`, everything is lower case (RFC 5646).
    """
    language, *others = locale.split("-")
    spelled = [language]
    for part in others:
        is_plain = any(len(earlier) == 1 for earlier in spelled)
        case = {2: part.upper(), 4: part.title()}
        spelled.append(part if is_plain else case.get(len(part), part))
    return "-".join(spelled)


def _beginning(tag: str | None) -> str:
    """Enough of the tag to see what it is, without blanks around it, in lower case."""
    return (tag or "")[: MAX_LENGTH + 1].strip().lower()
