"""Changing a tenant's texts."""

from dataclasses import asdict

from chatorical.kernel.errors import InvalidParameter
from chatorical.kernel.text import is_storable
from templates_i18n.keys import Template
from templates_i18n.locales import DEFAULT_LOCALE, canonical
from templates_i18n.models import MessageTemplate
from tenants import audit, configuration
from tenants.audit import Actor
from tenants.models import Tenant

MAXIMUM_TEXT = 4000


def set_template(*, tenant: Tenant, locale: str, template: Template, actor: Actor) -> None:
    """Give one system message the tenant's own words and delivery in a locale.

    Raises InvalidParameter for an unusable locale or text.
    """
    place = canonical(locale)
    if place == DEFAULT_LOCALE and locale.strip().lower() != DEFAULT_LOCALE:
        raise InvalidParameter(f"{locale[:40]!r} is not a language tag such as lv or pt-BR.")
    if len(template.text) > MAXIMUM_TEXT or not is_storable(template.text):
        raise InvalidParameter(f"Use a text of up to {MAXIMUM_TEXT} characters.")
    fields = {name: value for name, value in asdict(template).items() if name != "key"}
    MessageTemplate.objects.update_or_create(
        tenant=tenant, locale=place, key=template.key, defaults=fields
    )
    configuration.touch_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="template.changed",
        object_type="template",
        object_id=f"{place}/{template.key}",
        changes=fields,
    )
