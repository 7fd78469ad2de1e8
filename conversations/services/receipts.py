"""Who has got and seen what: four numbers of a conversation, each up to a seq, that only grow.

What agents have seen is never guessed from time. A customer's message counts as seen when an agent
claims or answers after the channel has accepted it, since it stood before them then, or when a
person or a program says so that shows the conversation elsewhere.
"""

from uuid import UUID

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest, Least

from conversations import selectors, sql
from conversations.events import AgentsHaveSeen
from conversations.models import Conversation
from conversations.validation import Receipts
from kernel import events
from tenants.models import Tenant

_NEWEST = F("last_seq")


def note_delivered_to_agents(
    *, tenant: Tenant, conversation_id: UUID, seq: int, waits: bool = True
) -> bool:
    """The channel has accepted the customer's messages up to this one.

    Without `waits` it is False, and nothing is noted, while another transaction has the
    conversation locked: for callers that hold locks for which that one may wait. With it, half a
    second is waited, after which the database's refusal is raised: the number is too low then
    until the next message.
    """
    rows = Conversation.objects.filter(tenant=tenant, pk=conversation_id)
    if waits:
        sql.wait_for_locks(at_most_ms=500)
    else:
        free = rows.select_for_update(skip_locked=True, no_key=True)
        if not list(free.values_list("pk", flat=True)):
            return False
    delivered = Least(Value(seq), _NEWEST)
    rows.filter(agents_delivered_seq__lt=delivered).update(agents_delivered_seq=delivered)
    return True


def raise_seen(conversation: Conversation, *, seq: int | None = None) -> bool:
    """Agents have seen what the channel has delivered, or what is stored up to a seq; whether that
    is more than before.

    `conversation` is locked and saved by the caller, who publishes AgentsHaveSeen afterwards.
    """
    seen = conversation.agents_delivered_seq if seq is None else seq
    if seen <= conversation.agents_seen_seq:
        return False
    conversation.agents_seen_seq = seen
    return True


def note_seen_by_agents(*, tenant: Tenant, conversation_id: UUID, seq: int | None = None) -> None:
    """An agent has the conversation before them, up to a seq or as it is stored.

    Locks and writes nothing when that was known. Raises ConversationNotFound.
    """
    conversation = selectors.get_conversation(tenant=tenant, conversation_id=conversation_id)
    if conversation.agents_seen_seq >= min(_or_newest(conversation, seq), conversation.last_seq):
        return
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    newest = min(_or_newest(conversation, seq), conversation.last_seq)
    if raise_seen(conversation, seq=newest):
        conversation.save(update_fields=["agents_seen_seq"])
        events.publish(AgentsHaveSeen(tenant, conversation))


def note_receipts_of_customer(
    *, tenant: Tenant, conversation_id: UUID, receipts: Receipts
) -> Conversation:
    """The customer's widget has got and shown messages up to these; returns the conversation.

    One that says nothing new writes nothing, and nobody gets ahead of the newest message. Raises
    ConversationNotFound.
    """
    delivered = Least(Value(max(receipts.delivered_seq, receipts.seen_seq)), _NEWEST)
    seen = Least(Value(receipts.seen_seq), _NEWEST)
    Conversation.objects.filter(
        Q(customer_delivered_seq__lt=delivered) | Q(customer_seen_seq__lt=seen),
        tenant=tenant,
        pk=conversation_id,
    ).update(
        customer_delivered_seq=Greatest("customer_delivered_seq", delivered),
        customer_seen_seq=Greatest("customer_seen_seq", seen),
    )
    return selectors.get_conversation(tenant=tenant, conversation_id=conversation_id)


def _or_newest(conversation: Conversation, seq: int | None) -> int:
    return conversation.last_seq if seq is None else seq
