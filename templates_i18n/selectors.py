"""Finding the text to use, and filling in its variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from templates_i18n.catalogs import ENGLISH, MESSAGES, WIDGET
from templates_i18n.keys import FOR_AGENTS, Template, TemplateKey, built_in
from templates_i18n.locales import DEFAULT_LOCALE, fallbacks
from templates_i18n.models import MessageTemplate, SavedReply, Translation
from templates_i18n.tidying import without
from tenants import configuration
from tenants.models import Tenant

VARIABLES = frozenset({"customer_name", "agent_name", "codename"})
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
# Looser, to find what is meant as a variable.
_MEANT_AS_VARIABLE = re.compile(r"\{([^{}\s]{1,64})\}")

ByPlace = dict[tuple[str, str], Template]


@dataclass(frozen=True, slots=True)
class EffectiveTemplate:
    """What holds for one system message in one locale."""

    template: Template
    locale: str
    # When the tenant has written it for exactly this locale; else None.
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class LocaleInUse:
    """A locale that the product or the tenant has texts in."""

    locale: str
    is_built_in: bool
    own_templates: int
    own_translations: int


def get_template(*, tenant: Tenant, key: TemplateKey, locale: str) -> Template:
    """The tenant's template: exact locale, its language, `default`, else the built-in one.

    The built-in one has the customer's language too, except among agents, where it is English.
    """
    return _pick(own_templates(tenant), key, locale)


def read_template(*, tenant: Tenant, key: TemplateKey, locale: str) -> Template:
    """As `get_template`, with what the running transaction has changed already."""
    return _pick(_load(tenant), key, locale)


def own_templates(tenant: Tenant) -> ByPlace:
    """All that the tenant has written, by (locale, key)."""
    return configuration.remember(tenant, "message templates", lambda: _load(tenant))


def _pick(own: ByPlace, key: TemplateKey, locale: str) -> Template:
    for candidate in fallbacks(locale):
        template = own.get((candidate, key))
        if template is not None:
            return template
    return built_in(key, ENGLISH if key in FOR_AGENTS else locale)


def _load(tenant: Tenant) -> ByPlace:
    rows = list_templates(tenant=tenant)
    return {(row.locale, row.key): row.as_template() for row in rows}


def list_templates(*, tenant: Tenant) -> QuerySet[MessageTemplate]:
    """The tenant's own system messages, by message and locale."""
    rows = MessageTemplate.objects.filter(tenant=tenant, key__in=TemplateKey.values)
    return rows.order_by("key", "locale")


def list_stored_templates(*, tenant: Tenant) -> QuerySet[MessageTemplate]:
    """As `list_templates`, with texts under keys of the tenant's own, which are never sent."""
    return MessageTemplate.objects.filter(tenant=tenant).order_by("key", "locale")


def read_effective_template(*, tenant: Tenant, key: TemplateKey, locale: str) -> EffectiveTemplate:
    """As `read_template`, with where it comes from. `locale` is canonical."""
    [found] = list_effective_templates(tenant=tenant, locale=locale, key=key)
    return found


def list_effective_templates(
    *, tenant: Tenant, locale: str | None = None, key: TemplateKey | None = None
) -> list[EffectiveTemplate]:
    """What holds for each message in each locale that has texts, or in the canonical one given.

    Read anew, so that it has what the running transaction has changed.
    """
    rows = {(row.locale, row.key): row for row in list_templates(tenant=tenant)}
    own = {place: row.as_template() for place, row in rows.items()}
    written = {place for place, _ in rows} | {*MESSAGES}
    locales = [DEFAULT_LOCALE, *sorted(written - {DEFAULT_LOCALE})] if locale is None else [locale]
    keys = list(TemplateKey) if key is None else [key]
    return [
        EffectiveTemplate(
            _pick(own, one, place),
            place,
            rows[place, one].updated_at if (place, one) in rows else None,
        )
        for place in locales
        for one in keys
    ]


def list_locales(*, tenant: Tenant) -> list[LocaleInUse]:
    """Every locale with texts, `default` first."""
    templates = _count_by_locale(list_templates(tenant=tenant))
    translations = _count_by_locale(Translation.objects.filter(tenant=tenant))
    built_ins = {*MESSAGES, *WIDGET}
    others = (built_ins | {*templates} | {*translations}) - {DEFAULT_LOCALE}
    return [
        LocaleInUse(
            locale, locale in built_ins, templates.get(locale, 0), translations.get(locale, 0)
        )
        for locale in (DEFAULT_LOCALE, *sorted(others))
    ]


def _count_by_locale(rows: "QuerySet[MessageTemplate] | QuerySet[Translation]") -> dict[str, int]:
    return dict(rows.values_list("locale").annotate(count=Count("pk")).order_by("locale"))


def list_translations(*, tenant: Tenant, locale: str | None = None) -> QuerySet[Translation]:
    """The tenant's own words for the widget, by locale and string; of one locale when given."""
    rows = Translation.objects.filter(tenant=tenant).order_by("locale", "key")
    return rows if locale is None else rows.filter(locale=locale)


def list_saved_replies(*, tenant: Tenant) -> QuerySet[SavedReply]:
    """What agents often answer, the newest first."""
    return SavedReply.objects.filter(tenant=tenant).order_by("-created_at", "-pk")


def names_of_saved_replies(*, tenant: Tenant) -> list[str]:
    """By what agents call them, in order."""
    names = SavedReply.objects.filter(tenant=tenant).order_by("name")
    return list(names.values_list("name", flat=True).distinct())


def find_saved_reply(*, tenant: Tenant, name: str, locale: str) -> SavedReply | None:
    """The reply of this name: exact locale, its language, `default`, else the only one there is."""
    rows = SavedReply.objects.filter(tenant=tenant, name=name.casefold())
    found = {row.locale: row for row in rows}
    for candidate in fallbacks(locale):
        if candidate in found:
            return found[candidate]
    return next(iter(found.values())) if len(found) == 1 else None


def unknown_variables(text: str) -> list[str]:
    """What looks like a variable in a system message and is none, in order, each once.

    Such a thing stays as written when the message is sent; its writer should see that.
    """
    meant = dict.fromkeys(_MEANT_AS_VARIABLE.findall(text))
    return [name for name in meant if name not in VARIABLES]


def render(text: str, variables: Mapping[str, str]) -> str:
    """Replace `{customer_name}` and its like; what is unknown stays as written.

    An empty value goes together with the blanks and commas that belong to it. One pass: a value
    that looks like a variable is not looked at again.
    """
    absent = [name for name in VARIABLES if variables.get(name) == ""]

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        return variables.get(name, match.group(0)) if name in VARIABLES else match.group(0)

    return _VARIABLE.sub(replace, without(text, absent))
