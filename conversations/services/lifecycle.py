"""Closing, reopening and blocking."""

from uuid import UUID

from conversations import selectors
from conversations.bans.models import Ban
from conversations.events import ConversationBlocked, ConversationClosed, ConversationReopened
from conversations.models import OPEN_STATUSES, Conversation, Status
from conversations.services.audit_entries import note_change
from kernel import events
from kernel.clock import now_ms
from tenants.audit import Actor, ActorKind
from tenants.models import Tenant

# Who closes what has been silent for too long.
AUTO_CLOSE = Actor(ActorKind.SYSTEM, "auto_close")


def close_conversation(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> bool:
    """Finish an open conversation; False when it is closed or blocked already."""
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if conversation.status not in OPEN_STATUSES:
        return False
    _move(conversation, Status.CLOSED)
    note_change(tenant=tenant, conversation=conversation, actor=actor, action="closed")
    events.publish(ConversationClosed(tenant, conversation, actor))
    return True


def reopen_conversation(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> bool:
    """Open a closed or blocked conversation again, with nobody assigned; False when it is open.

    A block is lifted, and a ban with it.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if conversation.status in OPEN_STATUSES:
        return False
    if conversation.status == Status.BLOCKED:
        Ban.objects.filter(tenant=tenant, conversation_id=conversation_id).delete()
    mark_reopened(tenant=tenant, conversation=conversation, actor=actor)
    events.publish(ConversationReopened(tenant, conversation, actor))
    return True


def mark_reopened(*, tenant: Tenant, conversation: Conversation, actor: Actor) -> None:
    """Reopen a conversation that the running transaction has locked, without the event yet."""
    conversation.assigned_agent = None
    _move(conversation, Status.OPEN_UNCLAIMED)
    note_change(tenant=tenant, conversation=conversation, actor=actor, action="reopened")


def block_conversation(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> bool:
    """Stop the customer from writing; False when that is so already."""
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if conversation.status == Status.BLOCKED:
        return False
    _move(conversation, Status.BLOCKED)
    note_change(tenant=tenant, conversation=conversation, actor=actor, action="blocked")
    events.publish(ConversationBlocked(tenant, conversation, actor))
    return True


def _move(conversation: Conversation, status: Status) -> None:
    conversation.status = status
    if status in (Status.CLOSED, Status.BLOCKED):
        conversation.waiting_since = None
    conversation.updated_at = now_ms()
    conversation.closed_at = conversation.updated_at if status == Status.CLOSED else None
    conversation.save(
        update_fields=["status", "assigned_agent", "waiting_since", "closed_at", "updated_at"]
    )
