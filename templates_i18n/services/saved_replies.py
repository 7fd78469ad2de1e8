"""What agents often answer, under names of the tenant's own."""

import re

from kernel.errors import InvalidParameter
from kernel.text import is_storable, is_visible, utf16_length
from templates_i18n.locales import require_locale
from templates_i18n.models import SavedReply
from tenants import audit
from tenants.audit import Actor
from tenants.models import Tenant

MAX_NAME = 32
# In UTF-16 units; a message may have more, for what the variables add.
MAX_SAVED_REPLY = 3000
# A tenant's list is shown whole in a topic.
MAX_SAVED_REPLIES = 500
_NAME = re.compile(r"[\w-]+")


def require_name(name: str) -> str:
    """A reply's name in the spelling it is kept in; raises InvalidParameter."""
    kept = name.strip().casefold()
    if not is_storable(kept) or len(kept) > MAX_NAME or not _NAME.fullmatch(kept):
        raise InvalidParameter(
            f"Use a name of 1 to {MAX_NAME} letters, digits, - and _, such as opening-hours.",
            details={"field": "name"},
        )
    return kept


def set_saved_reply(
    *, tenant: Tenant, name: str, locale: str, text: str, actor: Actor
) -> SavedReply:
    """Write the text of a reply in a locale; raises InvalidParameter."""
    kept, place = require_name(name), require_locale(locale)
    is_long = utf16_length(text) > MAX_SAVED_REPLY
    if not is_storable(text) or not is_visible(text) or is_long:
        raise InvalidParameter(
            f"Use a visible text of up to {MAX_SAVED_REPLY} characters.",
            details={"field": "text"},
        )
    own = SavedReply.objects.filter(tenant=tenant)
    is_new = not own.filter(name=kept, locale=place).exists()
    if is_new and own.count() >= MAX_SAVED_REPLIES:
        raise InvalidParameter(
            f"There are {MAX_SAVED_REPLIES} saved replies, which is the most. Delete one first.",
            details={"limit": MAX_SAVED_REPLIES},
        )
    reply, _ = SavedReply.objects.update_or_create(
        tenant=tenant, name=kept, locale=place, defaults={"text": text.strip()}
    )
    audit.record(
        tenant=tenant,
        actor=actor,
        action="saved_reply.changed",
        object_type="saved_reply",
        object_id=str(reply.pk),
        changes={"name": kept, "locale": place, "text": reply.text},
    )
    return reply


def delete_saved_reply(*, tenant: Tenant, name: str, locale: str, actor: Actor) -> bool:
    """Delete a reply in a locale; False when there was none."""
    kept, place = require_name(name), require_locale(locale)
    deleted, _ = SavedReply.objects.filter(tenant=tenant, name=kept, locale=place).delete()
    if deleted:
        audit.record(
            tenant=tenant,
            actor=actor,
            action="saved_reply.deleted",
            object_type="saved_reply",
            object_id=f"{kept}/{place}"[:64],
        )
    return bool(deleted)
