"""Audit entries about conversations."""

from conversations.models import Conversation
from tenants import audit
from tenants.audit import Actor
from tenants.models import Tenant


def note_change(
    *,
    tenant: Tenant,
    conversation: Conversation,
    actor: Actor,
    action: str,
    changes: dict[str, object] | None = None,
) -> None:
    """Record `conversation.<action>`; message texts do not belong in `changes`."""
    audit.record(
        tenant=tenant,
        actor=actor,
        action=f"conversation.{action}",
        object_type="conversation",
        object_id=conversation.pk,
        changes=changes,
    )
