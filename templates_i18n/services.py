"""Changing a tenant's texts."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from chatorical.kernel.errors import InvalidParameter
from chatorical.kernel.text import is_storable
from templates_i18n.keys import BUILT_IN, Template, TemplateKey
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


def list_templates(*, tenant: Tenant) -> list[MessageTemplate]:
    """The tenant's own texts, by key and locale."""
    return list(MessageTemplate.objects.filter(tenant=tenant).order_by("key", "locale"))


def update_template(
    *,
    tenant: Tenant,
    key: TemplateKey,
    locale: str,
    changes: Mapping[str, Any],
    actor: Actor,
) -> None:
    """Change some fields of the text in a locale; others stay, or begin as the built-in ones.

    Raises InvalidParameter for an unusable locale or text.
    """
    row = MessageTemplate.objects.filter(tenant=tenant, key=key, locale=canonical(locale)).first()
    template = BUILT_IN[key] if row is None else row.as_template()
    set_template(tenant=tenant, locale=locale, template=replace(template, **changes), actor=actor)


def delete_locale(*, tenant: Tenant, locale: str, actor: Actor) -> int:
    """Remove every text of a locale; returns how many. Raises InvalidParameter for `default`."""
    place = canonical(locale)
    if place == DEFAULT_LOCALE:
        sentence = "Name a language; the default texts stay."
        raise InvalidParameter(f"locale: {sentence}", details={"locale": [sentence]})
    deleted, _ = MessageTemplate.objects.filter(tenant=tenant, locale=place).delete()
    if deleted:
        configuration.touch_configuration(tenant)
        audit.record(
            tenant=tenant,
            actor=actor,
            action="template.locale_deleted",
            object_type="template",
            object_id=place,
            changes={"deleted": deleted},
        )
    return deleted
