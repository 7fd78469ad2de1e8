"""Changing a tenant's system messages."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from kernel.errors import InvalidParameter
from kernel.text import is_storable, is_visible, visible_line
from templates_i18n import selectors
from templates_i18n.keys import BUILT_IN, NEVER_PERSISTED, Template, TemplateKey
from templates_i18n.locales import DEFAULT_LOCALE, require_locale
from templates_i18n.models import MessageTemplate, Translation
from tenants import audit, configuration
from tenants.audit import Actor
from tenants.models import Tenant

MAX_TEXT = 4000
MAX_KEY = 40
# Once in thirty days and conversation: what should come more rarely should be switched off.
MAX_RATE_SECONDS = 30 * 86_400
_SWITCHES = (
    "enabled",
    "to_customer_ws",
    "to_customer_persist",
    "to_agents",
    "pin",
)


def set_template(*, tenant: Tenant, locale: str, template: Template, actor: Actor) -> None:
    """Give one system message the tenant's own words and delivery in a locale.

    Raises InvalidParameter for an unusable locale, text or rate.
    """
    place = require_locale(locale)
    template = checked(template)
    fields = {name: value for name, value in asdict(template).items() if name != "key"}
    MessageTemplate.objects.update_or_create(
        tenant=tenant, locale=place, key=template.key, defaults=fields
    )
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="template.changed",
        object_type="template",
        object_id=f"{place}/{template.key}",
        changes=fields,
    )


def set_stored_text(
    *, tenant: Tenant, key: str, locale: str, changes: Mapping[str, Any], actor: Actor
) -> MessageTemplate:
    """Keep a text under a key of the tenant's own: it can be listed, and no message uses it.

    Raises InvalidParameter for an unusable key, locale, text or rate.
    """
    place = require_locale(locale)
    name = visible_line(key)
    if name is None or len(name) > MAX_KEY:
        raise InvalidParameter(
            f"key: Use 1 to {MAX_KEY} visible characters.",
            details={"key": [f"Use 1 to {MAX_KEY} visible characters."]},
        )
    # Checked as any message would be; which one does not matter.
    checked(replace(BUILT_IN[TemplateKey.CLOSING], **checked_changes(changes)))
    defaults = {"enabled": True, **dict.fromkeys(_SWITCHES[1:], False), "rate_limit_seconds": 0}
    fields = {**defaults, **changes}
    row, _ = MessageTemplate.objects.update_or_create(
        tenant=tenant, locale=place, key=name, defaults=fields
    )
    audit.record(
        tenant=tenant,
        actor=actor,
        action="template.changed",
        object_type="template",
        object_id=f"{place}/{name}"[:64],
        changes=fields,
    )
    return row


def update_template(
    *, tenant: Tenant, key: TemplateKey, locale: str, changes: Mapping[str, Any], actor: Actor
) -> Template:
    """Change some fields of a system message in a locale; returns it as it is now.

    What `changes` does not name stays. Where the tenant has nothing for this locale yet, the rest
    is taken from what is used there now. Raises InvalidParameter naming the field that is wrong.
    """
    place = require_locale(locale)
    changed = replace(
        selectors.read_template(tenant=tenant, key=key, locale=place), **checked_changes(changes)
    )
    set_template(tenant=tenant, locale=place, template=changed, actor=actor)
    return checked(changed)


def delete_template(*, tenant: Tenant, key: TemplateKey, locale: str, actor: Actor) -> bool:
    """Return to what is used without the tenant's own; False when there was nothing."""
    place = require_locale(locale)
    count, _ = MessageTemplate.objects.filter(tenant=tenant, key=key, locale=place).delete()
    if count:
        configuration.invalidate_configuration(tenant)
        audit.record(
            tenant=tenant,
            actor=actor,
            action="template.deleted",
            object_type="template",
            object_id=f"{place}/{key}",
        )
    return bool(count)


def delete_locale(*, tenant: Tenant, locale: str, actor: Actor) -> int:
    """Remove everything the tenant has written in a locale; returns how many texts that were.

    Raises InvalidParameter for `default`, which other languages fall back to, and for no locale.
    """
    place = require_locale(locale)
    if place == DEFAULT_LOCALE:
        raise InvalidParameter(
            "The default texts cannot be deleted as a whole: other languages fall back to them.",
            details={"field": "locale"},
        )
    templates, _ = MessageTemplate.objects.filter(tenant=tenant, locale=place).delete()
    translations, _ = Translation.objects.filter(tenant=tenant, locale=place).delete()
    if templates or translations:
        configuration.invalidate_configuration(tenant)
        audit.record(
            tenant=tenant,
            actor=actor,
            action="locale.deleted",
            object_type="locale",
            object_id=place,
            changes={"templates": templates, "translations": translations},
        )
    return templates + translations


def checked(template: Template) -> Template:
    """The template as it may be stored; raises InvalidParameter naming the field that is wrong."""
    if len(template.text) > MAX_TEXT or not is_storable(template.text):
        raise InvalidParameter(
            f"Use a text of up to {MAX_TEXT} characters.", details={"field": "text"}
        )
    if not 0 <= template.rate_limit_seconds <= MAX_RATE_SECONDS:
        raise InvalidParameter(
            f"“At most once per” is 0 to {MAX_RATE_SECONDS} seconds.",
            details={"field": "rate_limit_seconds"},
        )
    text = template.text if is_visible(template.text) else ""
    is_kept = template.to_customer_persist and template.key not in NEVER_PERSISTED
    return replace(template, text=text, to_customer_persist=is_kept)


def checked_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, each with a value of its field's kind; raises InvalidParameter naming one."""
    for name, value in changes.items():
        if name == "text":
            is_right, kind = isinstance(value, str), "a text"
        elif name == "rate_limit_seconds":
            is_right = isinstance(value, int) and not isinstance(value, bool)
            kind = "a whole number"
        elif name in _SWITCHES:
            is_right, kind = isinstance(value, bool), "true or false"
        else:
            raise InvalidParameter(f"{name[:40]!r} is unknown.", details={"field": name[:40]})
        if not is_right:
            raise InvalidParameter(f"{name!r} must be {kind}.", details={"field": name})
    return dict(changes)
