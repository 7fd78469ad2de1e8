"""Legal holds: conversations that nobody may delete."""

from uuid import UUID

from conversations import selectors
from conversations.errors import LegalHold
from conversations.events import LegalHoldChanged
from conversations.models import Conversation
from conversations.services.audit_entries import note_change
from kernel import events
from kernel.clock import now_ms
from tenants.audit import Actor
from tenants.models import Tenant


def place_legal_hold(*, tenant: Tenant, conversation_id: UUID, reason: str, actor: Actor) -> bool:
    """Keep the conversation from being deleted; False when it is so for this reason already.

    Another reason replaces the one given before; the hold goes on since it was placed. `reason` was
    validated before. Raises ConversationNotFound.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if conversation.is_on_legal_hold and conversation.legal_hold_reason == reason:
        return False
    now = now_ms()
    conversation.legal_hold_since = conversation.legal_hold_since or now
    conversation.legal_hold_reason = reason
    _save(conversation)
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="legal_hold_placed",
        changes={"reason": reason},
    )
    events.publish(LegalHoldChanged(tenant, conversation))
    return True


def lift_legal_hold(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> bool:
    """Let the conversation be deleted again; False when there is no hold.

    Raises ConversationNotFound.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if not conversation.is_on_legal_hold:
        return False
    conversation.legal_hold_since, conversation.legal_hold_reason = None, ""
    _save(conversation)
    note_change(tenant=tenant, conversation=conversation, actor=actor, action="legal_hold_lifted")
    events.publish(LegalHoldChanged(tenant, conversation))
    return True


def require_no_legal_hold(conversation: Conversation) -> None:
    """Raises LegalHold. The row must be locked, or a hold could come between check and deletion."""
    if conversation.is_on_legal_hold:
        raise LegalHold.of(conversation)


def _save(conversation: Conversation) -> None:
    # Not `updated_at`: a hold is no activity, and must neither postpone closing nor lead the lists.
    conversation.save(update_fields=["legal_hold_since", "legal_hold_reason"])
