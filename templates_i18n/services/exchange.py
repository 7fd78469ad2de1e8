"""Taking one locale of a tenant out as a document, and putting one in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction

from kernel.errors import InvalidParameter
from templates_i18n import po, selectors
from templates_i18n.catalogs import ENGLISH, MESSAGES
from templates_i18n.keys import TemplateKey
from templates_i18n.locales import require_locale
from templates_i18n.services.templates import checked, checked_changes, update_template
from templates_i18n.services.translations import check_translation, set_translations
from tenants.audit import Actor
from tenants.models import Tenant

FORMAT = "chatorical.locale"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """How many texts an import has written."""

    templates: int
    translations: int


def export_locale(*, tenant: Tenant, locale: str) -> dict[str, Any]:
    """What the tenant itself has written in exactly this locale, as `import_locale` takes it.

    Raises InvalidParameter for no locale.
    """
    place = require_locale(locale)
    templates = {
        row.key: {n: v for n, v in asdict(row.as_template()).items() if n != "key"}
        for row in selectors.list_templates(tenant=tenant).filter(locale=place)
    }
    translations = {
        row.key: row.text for row in selectors.list_translations(tenant=tenant, locale=place)
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        "locale": place,
        "templates": templates,
        "translations": translations,
    }


def export_po(*, tenant: Tenant, locale: str) -> str:
    """Every string there is as a PO file, with the tenant's own texts of this locale filled in."""
    document = export_locale(tenant=tenant, locale=locale)
    own = {key: fields["text"] for key, fields in document["templates"].items()}
    return po.write(document["locale"], own | document["translations"])


def import_locale(*, tenant: Tenant, locale: str, document: object, actor: Actor) -> Imported:
    """Write all texts of a document into a locale, or none; what it does not name stays.

    A template may leave fields out: they keep what holds there now. Raises InvalidParameter whose
    message and `details.field` say which text is wrong.
    """
    place = require_locale(locale)
    templates, translations = _parsed(document)
    for key, fields in templates.items():
        with _about(f"templates.{key}"):
            current = selectors.read_template(tenant=tenant, key=key, locale=place)
            checked(replace(current, **checked_changes(fields)))
    for name, text in translations.items():
        with _about(_shown("translations", name)):
            check_translation(name, text)
    with transaction.atomic():
        for key, fields in templates.items():
            update_template(tenant=tenant, key=key, locale=place, changes=fields, actor=actor)
        set_translations(tenant=tenant, locale=place, texts=translations, actor=actor)
    return Imported(len(templates), len(translations))


def import_po(*, tenant: Tenant, locale: str, text: str, actor: Actor) -> Imported:
    """As `import_locale` from a PO file; delivery stays as it is."""
    own = po.read(text)
    system = {key: {"text": own[key]} for key in own if key in MESSAGES[ENGLISH]}
    widget = {key: own[key] for key in own if key not in system}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "templates": system,
        "translations": widget,
    }
    return import_locale(tenant=tenant, locale=locale, document=document, actor=actor)


def _parsed(document: object) -> tuple[dict[TemplateKey, dict[str, Any]], dict[str, Any]]:
    """The two halves of a document; raises InvalidParameter saying what does not fit."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise InvalidParameter(
            f"This is no exported language: its “format” is not {FORMAT!r}.",
            details={"field": "format"},
        )
    if document.get("version") != VERSION:
        raise InvalidParameter(
            f"Only version {VERSION} of the format is understood.", details={"field": "version"}
        )
    templates: dict[TemplateKey, dict[str, Any]] = {}
    for key, fields in _section(document, "templates").items():
        name = _shown("templates", key)
        if key not in TemplateKey.values:
            raise InvalidParameter(f"{name}: no such message.", details={"field": name})
        if not isinstance(fields, dict):
            raise InvalidParameter(f"{name}: must be an object.", details={"field": name})
        templates[TemplateKey(key)] = fields
    return templates, _section(document, "translations")


def _shown(section: str, key: str) -> str:
    """Where something stands; JSON can spell halves of surrogate pairs, which no page can show."""
    return f"{section}.{key[:80]}".encode(errors="replace").decode()


def _section(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name, {})
    if not isinstance(section, dict):
        raise InvalidParameter(f"{name}: must be an object.", details={"field": name})
    return section


@contextmanager
def _about(place: str) -> Iterator[None]:
    """Let a refusal say which text of the document it is about."""
    try:
        yield
    except InvalidParameter as refusal:
        raise InvalidParameter(
            f"{place}: {refusal.public_message}",
            details={**(refusal.details or {}), "field": place},
        ) from None
