"""A locale's texts as a PO file, which translators' programs read and write.

`msgctxt` is the key, `msgid` the English text, `msgstr` the tenant's own; an empty `msgstr` means
that the tenant has nothing of its own there.
"""

from collections.abc import Mapping

import polib

from kernel.errors import InvalidParameter
from templates_i18n.catalogs import (
    ENGLISH,
    MESSAGES,
    WIDGET,
    split_plural,
)
from templates_i18n.keys import TemplateKey
from templates_i18n.locales import DEFAULT_LOCALE

# The header of a PO file is the entry without a msgid, so a text needs one.
_WITHOUT_ENGLISH = "(off until you write one)"


def write(locale: str, own: Mapping[str, str]) -> str:
    """Every string there is, with the tenant's own texts by key."""
    file = polib.POFile()
    file.metadata = {
        "Project-Id-Version": "Chatorical",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        **({} if locale == DEFAULT_LOCALE else {"Language": locale.replace("-", "_")}),
    }
    for key in keys_of(locale, own):
        file.append(polib.POEntry(msgctxt=key, msgid=_english(key), msgstr=own.get(key, "")))
    return str(file)


def keys_of(locale: str, own: Mapping[str, str]) -> list[str]:
    """System messages, then the widget's strings with the plural forms that the language has."""
    language = WIDGET.get(locale) or WIDGET.get(locale.partition("-")[0]) or {}
    widget = dict.fromkeys(
        [*WIDGET[ENGLISH], *language, *(k for k in own if k not in MESSAGES[ENGLISH])]
    )
    return [*TemplateKey.values, *widget]


def read(text: str) -> dict[str, str]:
    """The translated texts by key; those that are empty, fuzzy or obsolete are left out.

    Raises InvalidParameter for what is no PO file or lacks the keys.
    """
    try:
        # The line break first: polib opens what could be the name of a file.
        file = polib.pofile(f"\n{text}")
    except (OSError, ValueError, IndexError, KeyError, UnicodeError):
        raise InvalidParameter("This is not a PO file.", details={"field": "file"}) from None
    texts: dict[str, str] = {}
    for entry in file:
        if entry.obsolete or entry.fuzzy or not entry.msgstr:
            continue
        if not entry.msgctxt:
            raise InvalidParameter(
                f"The text {entry.msgid[:40]!r} does not say in msgctxt which string it is.",
                details={"field": "msgctxt"},
            )
        texts[entry.msgctxt] = entry.msgstr
    return texts


def _english(key: str) -> str:
    if key in MESSAGES[ENGLISH]:
        return MESSAGES[ENGLISH][key] or _WITHOUT_ENGLISH
    stem, _ = split_plural(key)
    return WIDGET[ENGLISH].get(key) or WIDGET[ENGLISH].get(f"{stem}_other", key)
