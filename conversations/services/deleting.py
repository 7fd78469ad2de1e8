"""Removing conversations for good."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from conversations import selectors
from conversations.events import ConversationsDeleted
from conversations.models import Conversation
from conversations.services.audit_entries import note_change
from conversations.services.legal_hold import require_no_legal_hold
from kernel import events
from tenants.audit import Actor
from tenants.models import Tenant

# One statement: the foreign keys take messages and whatever else hangs on them along, inside the
# database. The ORM would first read the ids of every one of those rows.
_DELETE = "DELETE FROM conversations_conversation WHERE tenant_id = %s AND id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Deletion:
    """How many conversations are gone, and how many a legal hold has kept."""

    deleted: int = 0
    on_legal_hold: int = 0

    def __add__(self, other: Deletion) -> Deletion:
        return Deletion(self.deleted + other.deleted, self.on_legal_hold + other.on_legal_hold)


def delete_conversations(
    *,
    tenant: Tenant,
    conversation_ids: Collection[UUID],
    actor: Actor,
    only_in: Collection[str] | None = None,
) -> Deletion:
    """Remove these conversations with their messages and topics; says how many that were.

    Unknown ids and those on legal hold are passed over; with `only_in`, so are those that are not
    in one of these statuses (any more). Give at most some hundreds at once: they are all locked
    until the scope ends.
    """
    # In one order, so that two who delete the same ones do not wait for each other.
    rows = Conversation.objects.filter(tenant=tenant, pk__in=conversation_ids).order_by("pk")
    if only_in is not None:
        rows = rows.filter(status__in=only_in)
    locked = list(rows.select_for_update())
    free = [row for row in locked if not row.is_on_legal_hold]
    for conversation in free:
        _note(tenant, conversation, actor)
    remove(tenant=tenant, conversations=free, actor=actor)
    return Deletion(deleted=len(free), on_legal_hold=len(locked) - len(free))


def delete_conversation(*, tenant: Tenant, conversation_id: UUID, actor: Actor) -> Conversation:
    """Remove one conversation and return it as it was; raises ConversationNotFound, LegalHold."""
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    require_no_legal_hold(conversation)
    _note(tenant, conversation, actor)
    remove(tenant=tenant, conversations=[conversation], actor=actor)
    return conversation


def remove(*, tenant: Tenant, conversations: Sequence[Conversation], actor: Actor) -> None:
    """Remove conversations that the running transaction has locked and found free of legal holds.

    The audit trail is the caller's: a person's deletion is noted for each one, retention's in sum.
    """
    if not conversations:
        return
    events.publish(ConversationsDeleted(tenant, tuple(conversations), actor))
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [tenant.pk, [row.pk for row in conversations]])


def _note(tenant: Tenant, conversation: Conversation, actor: Actor) -> None:
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="deleted",
        changes={"codename": conversation.codename, "messages": conversation.last_seq},
    )
