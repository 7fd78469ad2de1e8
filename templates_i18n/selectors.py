"""Finding the text to use, and filling in its variables."""

import re
from collections.abc import Mapping

from django.db.models import QuerySet

from templates_i18n.catalogs import ENGLISH
from templates_i18n.keys import FOR_AGENTS, Template, TemplateKey, built_in
from templates_i18n.locales import fallbacks
from templates_i18n.models import MessageTemplate, Translation
from tenants import configuration
from tenants.models import Tenant

VARIABLES = frozenset({"customer_name", "agent_name", "codename"})
_VARIABLE = re.compile(r"\{([a-z_]+)\}")
# Looser, to find what somebody has meant as a variable.
_MEANT_AS_VARIABLE = re.compile(r"\{([^{}\s]{1,64})\}")

ByPlace = dict[tuple[str, str], Template]


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
    rows = MessageTemplate.objects.filter(tenant=tenant)
    return {(row.locale, row.key): row.as_template() for row in rows}


def list_templates(*, tenant: Tenant) -> QuerySet[MessageTemplate]:
    """The tenant's own system messages, by message and locale."""
    return MessageTemplate.objects.filter(tenant=tenant).order_by("key", "locale")


def list_translations(*, tenant: Tenant, locale: str | None = None) -> QuerySet[Translation]:
    """The tenant's own words for the widget, by locale and string; of one locale when given."""
    rows = Translation.objects.filter(tenant=tenant).order_by("locale", "key")
    return rows if locale is None else rows.filter(locale=locale)


def unknown_variables(text: str) -> list[str]:
    """What looks like a variable in a system message and is none, in order, each once.

    Such a thing stays as written when the message is sent; whoever writes it should be told.
    """
    meant = dict.fromkeys(_MEANT_AS_VARIABLE.findall(text))
    return [name for name in meant if name not in VARIABLES]


def render(text: str, variables: Mapping[str, str]) -> str:
    """Replace `{customer_name}` and its like; what is unknown stays as written.

    One pass: a value that looks like a variable is not looked at again.
    """

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        return variables.get(name, match.group(0)) if name in VARIABLES else match.group(0)

    return _VARIABLE.sub(replace, text)
