"""Changing a tenant's own words for what the widget says."""

from collections.abc import Mapping

from kernel.errors import InvalidParameter
from kernel.text import is_storable, is_visible
from templates_i18n.catalogs import ENGLISH, WIDGET, variables_in, variables_of
from templates_i18n.locales import require_locale
from templates_i18n.models import Translation
from tenants import audit, configuration
from tenants.audit import Actor
from tenants.models import Tenant

MAX_TRANSLATION = 500


def set_translation(*, tenant: Tenant, locale: str, key: str, text: str, actor: Actor) -> None:
    """As `set_translations` for one string."""
    set_translations(tenant=tenant, locale=locale, texts={key: text}, actor=actor)


def set_translations(
    *, tenant: Tenant, locale: str, texts: Mapping[str, str], actor: Actor
) -> None:
    """Give some of the widget's strings the tenant's own words in a locale: all of them or none.

    Raises InvalidParameter naming the string that is unknown or whose text is not allowed.
    """
    place = require_locale(locale)
    for key, text in texts.items():
        check_translation(key, text)
    if not texts:
        return
    Translation.objects.bulk_create(
        [Translation(tenant=tenant, locale=place, key=key, text=texts[key]) for key in texts],
        update_conflicts=True,
        unique_fields=["tenant", "locale", "key"],
        update_fields=["text", "updated_at"],
    )
    configuration.invalidate_configuration(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="translation.changed",
        object_type="translation",
        object_id=f"{place}/{next(iter(texts))}" if len(texts) == 1 else place,
        changes=dict(texts),
    )


def delete_translation(*, tenant: Tenant, locale: str, key: str, actor: Actor) -> bool:
    """Return to the words used without the tenant's own; False when there were none."""
    place = require_locale(locale)
    if not is_storable(key):
        return False
    count, _ = Translation.objects.filter(tenant=tenant, locale=place, key=key).delete()
    if count:
        configuration.invalidate_configuration(tenant)
        audit.record(
            tenant=tenant,
            actor=actor,
            action="translation.deleted",
            object_type="translation",
            object_id=f"{place}/{key}"[:64],
        )
    return bool(count)


def check_translation(key: str, text: object) -> None:
    """Raises InvalidParameter when the widget could not show this text for this string."""
    name = key[:80]
    known = variables_of(key, WIDGET[ENGLISH])
    if known is None:
        raise InvalidParameter(f"{name!r} is no string of the widget.", details={"field": name})
    if not isinstance(text, str) or not is_storable(text) or not is_visible(text):
        raise InvalidParameter(f"{name!r} needs a visible text.", details={"field": name})
    if len(text) > MAX_TRANSLATION:
        raise InvalidParameter(
            f"{name!r} may have up to {MAX_TRANSLATION} characters.", details={"field": name}
        )
    unknown = sorted(variables_in(text) - known)
    if unknown:
        offered = ", ".join(f"{{{one}}}" for one in sorted(known)) or "none"
        raise InvalidParameter(
            f"{name!r} cannot fill in {{{unknown[0]}}}; it offers {offered}.",
            details={"field": name, "unknown_variables": unknown},
        )
