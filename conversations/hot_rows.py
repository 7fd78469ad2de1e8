"""The rows of a conversation on the hot path, in SQL: locked, and added to.

Three statements of the ORM cost more CPU per message than everything else in sending one, so here
two are written out. What they keep, as the services say it:

- Whoever adds a message holds the conversation's row lock from before it looks until the commit.
- The message and what it changes in its conversation are stored together.
- `seq`, times and status are decided by the services in Python; nothing is decided here.
- Both statements name the tenant, and run under row-level security like any other.
"""

from uuid import UUID

from django.db import connection

from conversations.models import Conversation, Message

_FIELDS = [field.attname for field in Conversation._meta.concrete_fields]
_COLUMNS = ", ".join(f"{field.column}" for field in Conversation._meta.concrete_fields)
_LOCK = (
    f"SELECT {_COLUMNS} FROM conversations_conversation "  # noqa: S608 - our own column names
    "WHERE tenant_id = %s AND id = %s FOR UPDATE"
)
_ADD_MESSAGE = """
    WITH added AS (
        INSERT INTO conversations_message (
            id, tenant_id, conversation_id, seq, direction, text, agent_name, agent_id,
            template_key, client_id, created_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s))
    UPDATE conversations_conversation SET
        last_seq = %s, status = %s, waiting_since = %s, last_message_at = %s,
        last_customer_at = %s, last_agent_at = %s, updated_at = %s
    WHERE tenant_id = %s AND id = %s
"""


def find_locked(*, tenant_id: UUID, conversation_id: UUID) -> Conversation | None:
    """The conversation, locked until the running transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [tenant_id, conversation_id])
        row = cursor.fetchone()
    return None if row is None else Conversation.from_db(connection.alias, _FIELDS, row)


def add_message(conversation: Conversation, message: Message) -> None:
    """Store a new message and what it has changed in its conversation, which must be locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_MESSAGE,
            [
                message.pk,
                message.tenant_id,
                conversation.pk,
                message.seq,
                message.direction,
                message.text,
                message.agent_name,
                message.agent_id,
                message.template_key,
                message.client_id,
                message.created_at,
                conversation.last_seq,
                conversation.status,
                conversation.waiting_since,
                conversation.last_message_at,
                conversation.last_customer_at,
                conversation.last_agent_at,
                conversation.updated_at,
                conversation.tenant_id,
                conversation.pk,
            ],
        )
    message._state.adding = False
