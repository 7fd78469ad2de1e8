"""The texts that come with the product: system messages and the widget's own words.

One JSON object per language in `catalog/`; English says which keys and variables there are. They
are read and checked once, when this module is imported, so a broken catalog stops the start.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from kernel.text import is_visible

Texts = Mapping[str, str]
Catalog = Mapping[str, Texts]

ENGLISH = "en"
# As Intl.PluralRules names them: `sent_one`, `sent_other` are forms of one text.
PLURAL_FORMS = ("zero", "one", "two", "few", "many", "other")
LAST_RESORT_FORM = "other"

_FOLDER = Path(__file__).resolve().parent / "catalog"
_VARIABLE = re.compile(r"\{(\w+)\}")
_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class CatalogBroken(RuntimeError):
    """A file of the catalog is not what the product needs: a fault in the release."""


def variables_in(text: str) -> frozenset[str]:
    """The names in braces: `{agent} joined` uses `agent`."""
    return frozenset(_VARIABLE.findall(text))


def split_plural(key: str) -> tuple[str, str | None]:
    """`launcherUnread_few` → (`launcherUnread`, `few`); (key, None) for what is no plural form."""
    stem, _, form = key.rpartition("_")
    return (stem, form) if stem and form in PLURAL_FORMS else (key, None)


def load(folder: Path) -> Catalog:
    """All languages of one folder; raises CatalogBroken naming the file and what is wrong."""
    catalog = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
    if ENGLISH not in catalog:
        raise CatalogBroken(f"{folder}: English is missing")
    for locale, texts in catalog.items():
        if _LOCALE.fullmatch(locale) is None:
            raise CatalogBroken(f"{folder}: {locale!r} is no language in lower case")
        for fault in faults_in(texts, catalog[ENGLISH]):
            raise CatalogBroken(f"{folder / locale}.json: {fault}")
    return MappingProxyType(catalog)


def faults_in(texts: Texts, english: Texts) -> Iterator[str]:
    """What keeps these texts from standing in for the English ones."""
    for key, text in english.items():
        _, form = split_plural(key)
        # Which forms a language has is its own matter; every language has `other`.
        if key not in texts and form in (None, LAST_RESORT_FORM):
            yield f"{key} is missing"
        elif text and not is_visible(texts.get(key, text)):
            yield f"{key} is empty"
    for key, text in texts.items():
        allowed = variables_of(key, english)
        if allowed is None:
            yield f"{key} is unknown"
        elif variables_in(text) - allowed:
            yield f"{key} uses {', '.join(sorted(variables_in(text) - allowed))}"


def variables_of(key: str, english: Texts) -> frozenset[str] | None:
    """The variables that the English text of a key offers; None for an unknown key.

    A plural form that English lacks is known where English has other forms of the same text.
    """
    stem, form = split_plural(key)
    if form is None:
        return variables_in(english[key]) if key in english else None
    forms = [english[f"{stem}_{name}"] for name in PLURAL_FORMS if f"{stem}_{name}" in english]
    return frozenset[str]().union(*map(variables_in, forms)) if forms else None


def _read(path: Path) -> Texts:
    try:
        texts = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CatalogBroken(f"{path}: {error}") from None
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise CatalogBroken(f"{path}: one object of texts is needed")
    return MappingProxyType(texts)


MESSAGES = load(_FOLDER / "messages")
WIDGET = load(_FOLDER / "widget")
