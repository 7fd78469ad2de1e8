"""Words for colleagues: kept with the conversation, and shown to no customer."""

from uuid import UUID

from conversations import selectors
from conversations.events import RemarkAdded
from conversations.models import Agent, Remark
from conversations.services.audit_entries import note_change
from kernel import events
from kernel.clock import now_ms
from tenants.audit import Actor
from tenants.models import Tenant


def add_remark(
    *,
    tenant: Tenant,
    conversation_id: UUID,
    agent: Agent | None,
    text: str,
    said_by: Actor | None = None,
) -> Remark:
    """Keep a remark, whatever the conversation's state.

    `said_by` is who makes it from outside the channel: colleagues are shown it there, and the trail
    notes it. Raises ConversationNotFound.
    """
    conversation = selectors.get_conversation(tenant=tenant, conversation_id=conversation_id)
    remark = Remark.objects.create(
        tenant=tenant, conversation=conversation, agent=agent, text=text, created_at=now_ms()
    )
    if said_by is not None:
        note_change(
            tenant=tenant,
            conversation=conversation,
            actor=said_by,
            action="remarked",
            changes={"remark": str(remark.pk)},
        )
        events.publish(RemarkAdded(tenant, conversation, remark))
    return remark


def edit_remark(*, tenant: Tenant, remark_id: UUID, text: str) -> bool:
    """Change its words; without any it is deleted. False when it is gone."""
    found = Remark.objects.filter(tenant=tenant, pk=remark_id)
    if not text:
        found.delete()
        return True
    return bool(found.update(text=text, edited_at=now_ms()))
