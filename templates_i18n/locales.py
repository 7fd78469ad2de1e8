"""Locale tags: cleaning them, and the order in which texts are looked up."""

import re

DEFAULT_LOCALE = "default"
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}")
_MAXIMUM_LENGTH = 35


def two_letters(tag: str | None) -> str:
    """The first two letters, lower-cased (`lv-LV` → `lv`); `default` for what is no language.

    `default` itself stays: its first two letters happen to be those of German.
    """
    cleaned = (tag or "").strip().lower()
    head = "" if cleaned == DEFAULT_LOCALE else cleaned[:2]
    return head if len(head) == 2 and head.isascii() and head.isalpha() else DEFAULT_LOCALE


def canonical(tag: str | None) -> str:
    """A whole tag in lower case with hyphens (`pt_BR` → `pt-br`), else `default`."""
    cleaned = (tag or "")[: _MAXIMUM_LENGTH + 1].strip().lower().replace("_", "-")
    if len(cleaned) > _MAXIMUM_LENGTH or _TAG.fullmatch(cleaned) is None:
        return DEFAULT_LOCALE
    return cleaned


def fallbacks(locale: str) -> tuple[str, ...]:
    """Where to look for a text, best first: exact, two letters, `default`."""
    return tuple(dict.fromkeys((canonical(locale), two_letters(locale), DEFAULT_LOCALE)))
