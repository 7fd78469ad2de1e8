"""The texts a tenant's customers read in one locale, as one document that browsers may keep."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kernel.cacheable import etag_of
from templates_i18n import selectors
from templates_i18n.catalogs import (
    ENGLISH,
    LAST_RESORT_FORM,
    MESSAGES,
    PLURAL_FORMS,
    WIDGET,
    Texts,
    split_plural,
)
from templates_i18n.keys import TemplateKey
from templates_i18n.locales import DEFAULT_LOCALE, fallbacks, language_of
from tenants import configuration
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Entries:
    """The widget's strings and the system messages for customers, for one locale."""

    # The best of the places where texts were looked for that has any.
    locale: str
    texts: Texts
    # The JSON answer and its strong validator, made once per change of the tenant.
    body: bytes
    etag: str


def get_entries(*, tenant: Tenant, locale: str) -> Entries:
    """What holds for the locale: the tenant's own over the built-in, each by its fallbacks."""
    own = configuration.remember(tenant, "widget translations", lambda: _load(tenant))
    templates = selectors.own_templates(tenant)
    known = {*own, *(place for place, _ in templates), *WIDGET, *MESSAGES}
    # Only places that exist become part of the name: strangers may ask for any locale.
    places = tuple(place for place in fallbacks(locale) if place in known)
    return configuration.remember(
        tenant, f"entries {places}", lambda: _put_together(tenant, own, places)
    )


def read_widget_texts(*, tenant: Tenant, locale: str) -> Texts:
    """The widget's strings for a locale, with what the running transaction has changed."""
    return layered(_load(tenant), fallbacks(locale))


def _put_together(tenant: Tenant, own: Mapping[str, Texts], places: tuple[str, ...]) -> Entries:
    locale = places[0] if places else DEFAULT_LOCALE
    texts = dict(layered(own, places))
    for key in TemplateKey:
        template = selectors.get_template(tenant=tenant, key=key, locale=locale)
        if template.is_for_customers:
            texts[key.value] = template.text
    answer = {"locale": locale, "entries": texts}
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    return Entries(locale, texts, body, etag_of(body))


def layered(own: Mapping[str, Texts], places: Iterable[str]) -> Texts:
    """The widget's strings: English, the product's own translation, the tenant's; the best last.

    `places` are the tenant's, best first.
    """
    best_first = tuple(places)
    layers = [(ENGLISH, WIDGET[ENGLISH])]
    layers += [(place, WIDGET[place]) for place in reversed(best_first) if place in WIDGET]
    # `default` is the last of the places. Its language is unknown, so that it shares none.
    layers += [(place, own[place]) for place in reversed(best_first) if place in own]
    texts: dict[str, str] = {}
    languages: dict[str, str] = {}
    for place, layer in layers:
        _cover(texts, languages, layer, language_of(place))
    return texts


def _cover(texts: dict[str, str], languages: dict[str, str], layer: Texts, language: str) -> None:
    """Put a layer on top.

    Plural forms belong together: those of another language go when a layer brings its own, but for
    the last resort, without which a text could be missing for some number.
    """
    for stem, form in {split_plural(key) for key in layer}:
        if form is None:
            continue
        for other in PLURAL_FORMS:
            covered = f"{stem}_{other}"
            if other != LAST_RESORT_FORM and languages.get(covered, language) != language:
                texts.pop(covered, None)
                languages.pop(covered, None)
    texts.update(layer)
    languages.update(dict.fromkeys(layer, language))


def _load(tenant: Tenant) -> dict[str, dict[str, str]]:
    by_locale: dict[str, dict[str, str]] = {}
    for row in selectors.list_translations(tenant=tenant):
        by_locale.setdefault(row.locale, {})[row.key] = row.text
    return by_locale
