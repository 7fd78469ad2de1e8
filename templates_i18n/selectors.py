"""Finding the text to use, and filling in its variables."""

import re
from collections.abc import Mapping

from templates_i18n.keys import BUILT_IN, Template, TemplateKey
from templates_i18n.locales import fallbacks
from templates_i18n.models import MessageTemplate
from tenants import configuration
from tenants.models import Tenant

VARIABLES = frozenset({"customer_name", "agent_name", "codename"})
_VARIABLE = re.compile(r"\{([a-z_]+)\}")

_ByPlace = dict[tuple[str, str], Template]


def get_template(*, tenant: Tenant, key: TemplateKey, locale: str) -> Template:
    """The tenant's template: exact locale, two letters, `default`, else the built-in one."""
    own = configuration.remember(tenant, "message templates", lambda: _load(tenant))
    for candidate in fallbacks(locale):
        template = own.get((candidate, key))
        if template is not None:
            return template
    return BUILT_IN[key]


def _load(tenant: Tenant) -> _ByPlace:
    rows = MessageTemplate.objects.filter(tenant=tenant)
    return {(row.locale, row.key): row.as_template() for row in rows}


def render(text: str, variables: Mapping[str, str]) -> str:
    """Replace `{customer_name}` and its like; what is unknown stays as written.

    One pass: a value that looks like a variable is not looked at again.
    """

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        return variables.get(name, match.group(0)) if name in VARIABLES else match.group(0)

    return _VARIABLE.sub(replace, text)
