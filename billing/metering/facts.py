"""Writing down what is used, in the transaction that causes it.

A message's facts are stored by the statement that stores the message, so metering costs a send no
round trip. See docs/adr/0018-metering.md.
"""

from collections.abc import Sequence
from typing import Any

from billing.models import Metered, UsageFact
from conversations import sql
from conversations.events import ConversationStarted
from conversations.models import Direction, Message
from kernel import events

_COLUMNS = "id, tenant_id, kind, conversation_id, quantity, at"


def _insert(kind: Metered) -> str:
    return f"""
        INSERT INTO billing_usagefact ({_COLUMNS})
        SELECT id, tenant_id, {kind.value}, conversation_id, 1, created_at FROM added
    """  # noqa: S608  # nosec B608


_MESSAGES = {
    Direction.INBOUND.value: _insert(Metered.CUSTOMER_MESSAGES),
    Direction.OUTBOUND.value: _insert(Metered.AGENT_MESSAGES),
}
_FILE = f"""
        UNION ALL
        SELECT %s::uuid, tenant_id, {Metered.FILE_BYTES.value}, conversation_id, %s, created_at
        FROM added
"""  # noqa: S608  # nosec B608


def register() -> None:
    """Meter from now on."""
    sql.register(facts_of)
    events.subscribe(ConversationStarted, note_start)


def facts_of(message: Message) -> tuple[str, Sequence[Any]] | None:
    """SQL that stores the facts about a new message; what the product says by itself has none."""
    if message.template_key:
        return None
    insert = _MESSAGES[message.direction]
    if not message.attachments:
        return insert, ()
    values = [value for file in message.attachments for value in (file["id"], file["bytes"])]
    return insert + _FILE * len(message.attachments), values


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
