"""Forgetting a customer for good."""

from uuid import UUID

from conversations import selectors
from conversations.services.deleting import delete_conversations
from conversations.services.trail import note_change
from tenants import audit
from tenants.audit import Actor
from tenants.models import Tenant


def erase_customer(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> int:
    """Remove everything that is stored about the customer of a conversation.

    The conversation goes with its messages, its topic and what was still to be posted; its tokens
    mean nothing any more and its sockets end. The audit trail keeps who did what and when, without
    the values. Returns how many messages there were; raises ConversationNotFound.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    delete_conversations(tenant=tenant, conversation_ids=[conversation.pk], actor=actor)
    audit.forget_changes(tenant=tenant, object_type="conversation", object_id=conversation.pk)
    messages = conversation.last_seq
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="erased",
        changes={"messages": messages},
    )
    return messages
