"""Banning customers: blocked, and kept from beginning anew for a while."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Now

from conversations import selectors
from conversations.bans.marks import mark_of_key
from conversations.bans.models import Ban
from conversations.errors import ConversationBlocked
from conversations.models import Conversation, Status
from conversations.services.audit_entries import note_change
from conversations.services.lifecycle import block_conversation, reopen_conversation
from conversations.sessions.models import Session
from conversations.setting_keys import BAN_DAYS
from kernel.clock import now_ms
from tenants import pruning
from tenants.audit import Actor
from tenants.models import Tenant

_REFUSED = "You have been blocked here, so a conversation cannot begin."


def ban_customer(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> datetime:
    """Block the customer, and let nobody begin anew from their network or with their keys.

    Returns until when, by the tenant's setting; once more, it counts from now. Raises
    ConversationNotFound.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    now = now_ms()
    until = now + timedelta(days=tenant.setting(BAN_DAYS))
    Ban.objects.bulk_create(
        [
            Ban(
                tenant=tenant,
                mark=mark,
                conversation_id=conversation_id,
                created_at=now,
                expires_at=until,
            )
            for mark in sorted(_marks_of(tenant, conversation))
        ],
        update_conflicts=True,
        unique_fields=["tenant", "conversation_id", "mark"],
        update_fields=["expires_at"],
    )
    block_conversation(tenant=tenant, conversation_id=conversation_id, actor=actor)
    note_change(tenant=tenant, conversation=conversation, actor=actor, action="banned")
    return until


def unban_customer(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> bool:
    """Lift the ban, and a block with it; False when there is neither. Raises
    ConversationNotFound."""
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if conversation.status == Status.BLOCKED:
        return reopen_conversation(tenant=tenant, conversation_id=conversation_id, actor=actor)
    return lift(tenant=tenant, conversation=conversation)


def lift(*, tenant: Tenant, conversation: Conversation) -> bool:
    """Forget the marks of a conversation's customer; False when there are none."""
    removed, _ = Ban.objects.filter(tenant=tenant, conversation_id=conversation.pk).delete()
    return removed > 0


def banned_until(*, tenant: Tenant, conversation: Conversation) -> datetime | None:
    """Until when the conversation's customer may not begin anew; None for one who may."""
    found = Ban.objects.filter(
        tenant=tenant, conversation_id=conversation.pk, expires_at__gt=now_ms()
    )
    return found.order_by("-expires_at").values_list("expires_at", flat=True).first()


def require_not_banned(*, tenant: Tenant, marks: Collection[str]) -> None:
    """Raises ConversationBlocked for who comes with a mark of a banned customer."""
    known = [mark for mark in marks if mark]
    found = Ban.objects.filter(tenant=tenant, mark__in=known, expires_at__gt=now_ms())
    if known and found.exists():
        raise ConversationBlocked(_REFUSED)


def note_network(*, conversation: Conversation, mark: str) -> None:
    """The customer comes from this network now, where that is known."""
    if mark and conversation.network_mark != mark:
        conversation.network_mark = mark
        conversation.save(update_fields=["network_mark"])


def delete_old_bans() -> int:
    """Delete bans that have expired; returns how many."""
    return pruning.delete_old(lambda: Ban.objects.filter(expires_at__lt=Now()))


def _marks_of(tenant: Tenant, conversation: Conversation) -> set[str]:
    keys = Session.objects.filter(tenant=tenant, conversation=conversation).values_list(
        "public_key", flat=True
    )
    marks = {mark_of_key(tenant.pk, bytes(key)) for key in keys if key}
    return marks | {conversation.network_mark} - {""}
