"""Writing down what is used, in the transaction that causes it.

A message's facts are stored by the statement that stores the message, so metering costs a send no
round trip. See docs/adr/0018-metering.md.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.models import Metered, UsageFact
from conversations import sql
from conversations.events import ConversationStarted
from conversations.models import Direction, Message
from kernel import events

_ROW = "(%s, %s, %s, %s, %s, %s)"
_INSERT = (
    "INSERT INTO billing_usagefact (id, tenant_id, kind, conversation_id, quantity, at) "
    "VALUES {rows} ON CONFLICT (id) DO NOTHING"
)
_ONE = _INSERT.format(rows=_ROW)


def register() -> None:
    """Meter from now on."""
    sql.register(facts_of)
    events.subscribe(ConversationStarted, note_start)


def facts_of(message: Message) -> tuple[str, Sequence[Any]] | None:
    """SQL that stores the facts about a new message; what the product says by itself has none."""
    if message.template_key:
        return None
    kind = (
        Metered.CUSTOMER_MESSAGES
        if message.direction == Direction.INBOUND
        else Metered.AGENT_MESSAGES
    )
    about = (message.tenant_id, message.conversation_id, message.created_at)
    values = _values(message.pk, kind.value, 1, *about)
    if not message.attachments:
        return _ONE, values
    for file in message.attachments:
        file_id = UUID(file["id"])
        values += _values(file_id, Metered.FILE_BYTES.value, file["bytes"], *about)
    rows = ", ".join([_ROW] * (1 + len(message.attachments)))
    return _INSERT.format(rows=rows), values


def note_start(event: ConversationStarted) -> None:
    """A conversation has begun."""
    conversation = event.conversation
    UsageFact.objects.bulk_create(
        [
            UsageFact(
                id=conversation.pk,
                tenant_id=conversation.tenant_id,
                kind=Metered.CONVERSATIONS_STARTED,
                conversation_id=conversation.pk,
                at=conversation.created_at,
            )
        ],
        ignore_conflicts=True,
    )


def _values(
    fact_id: UUID, kind: int, quantity: int, tenant_id: UUID, conversation_id: UUID, at: datetime
) -> list[Any]:
    return [fact_id, tenant_id, kind, conversation_id, quantity, at]
