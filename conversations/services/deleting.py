"""Removing conversations for good."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from chatorical.kernel import events
from conversations.events import ConversationsDeleted
from conversations.models import Conversation
from conversations.services.trail import note_change
from tenants.audit import Actor
from tenants.models import Tenant

# One statement: the foreign keys take messages and whatever else hangs on them along, inside the
# database. The ORM would first read the ids of every one of those rows.
_DELETE = "DELETE FROM conversations_conversation WHERE tenant_id = %s AND id = ANY(%s)"


def delete_conversations(
    *,
    tenant: Tenant,
    conversation_ids: Collection[UUID],
    actor: Actor,
    only_in: Collection[str] | None = None,
) -> int:
    """Remove these conversations with their messages and topics; returns how many there were.

    Unknown ids are passed over; with `only_in`, so are those that are not in one of these statuses
    (any more). Give at most some hundreds at once: they are all locked until the scope ends.
    """
    # In one order, so that two who delete the same ones do not wait for each other.
    rows = Conversation.objects.filter(tenant=tenant, pk__in=conversation_ids).order_by("pk")
    if only_in is not None:
        rows = rows.filter(status__in=only_in)
    conversations = tuple(rows.select_for_update())
    if not conversations:
        return 0
    for conversation in conversations:
        note_change(
            tenant=tenant,
            conversation=conversation,
            actor=actor,
            action="deleted",
            changes={"codename": conversation.codename, "messages": conversation.last_seq},
        )
    events.publish(ConversationsDeleted(tenant, conversations, actor))
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [tenant.pk, [row.pk for row in conversations]])
    return len(conversations)
