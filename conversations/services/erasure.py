"""Forgetting a customer for good."""

from uuid import UUID

from conversations.services.audit_entries import note_change
from conversations.services.deleting import delete_conversation
from tenants import audit
from tenants.audit import Actor
from tenants.models import Tenant


def erase_customer(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> int:
    """Remove what is stored about the customer of a conversation; other ones of theirs stay.

    The conversation goes with its messages, its topic and what was still to be posted; its tokens
    mean nothing any more and its sockets end. The audit trail keeps who did what and when, without
    the values. Returns how many messages there were; raises ConversationNotFound, and LegalHold,
    for the duty to keep evidence comes before the wish to be forgotten.
    """
    conversation = delete_conversation(tenant=tenant, conversation_id=conversation_id, actor=actor)
    audit.forget_changes(tenant=tenant, object_type="conversation", object_ids=[conversation.pk])
    messages = conversation.last_seq
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="erased",
        changes={"messages": messages},
    )
    return messages
