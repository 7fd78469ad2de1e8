"""The rows of the hot path in SQL: a conversation found, locked and added to, and its agent.

These queries of the ORM cost more CPU per message than everything else in sending one, so they are
written out. What they keep, as the services say it:

- A transaction that adds a message locks the conversation's row before it looks.
- The message and what it changes in its conversation are stored together.
- `seq`, times and status are decided by the services in Python; nothing is decided here.
- Every statement names the tenant, needs a scope like the managers, and runs under row-level
  security like any other.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from conversations.models import Agent, Conversation, Message
from tenants import scope_state

Row = TypeVar("Row", bound=models.Model)


def _select(model: type[models.Model], condition: str) -> str:
    columns = ", ".join(str(field.column) for field in model._meta.concrete_fields)
    return f"SELECT {columns} FROM {model._meta.db_table} WHERE {condition}"  # noqa: S608  # nosec B608


_LOCK = _select(Conversation, "tenant_id = %s AND id = %s FOR UPDATE")
_AGENT = _select(Agent, "tenant_id = %s AND channel_user_id = %s")
_ADD_MESSAGE = """
    WITH added AS (
        INSERT INTO conversations_message (
            id, tenant_id, conversation_id, seq, direction, text, agent_name, agent_id,
            template_key, client_id, attachments, created_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        RETURNING id, tenant_id, conversation_id, created_at){companion}
    UPDATE conversations_conversation SET
        last_seq = %s, status = %s, waiting_since = %s, reminders_sent = %s,
        last_message_at = %s, last_customer_at = %s, last_agent_at = %s, updated_at = %s,
        agents_seen_seq = %s
    WHERE tenant_id = %s AND id = %s
"""


# What an app above stores with a message, in the message's own statement: an INSERT and its
# parameters, or None for a message without any. The INSERT may read the message's `id, tenant_id,
# conversation_id, created_at` from `added`: a parameter costs more than the row does.
Companion = Callable[[Message], tuple[str, Sequence[Any]] | None]
_companions: list[Companion] = []


def register(companion: Companion) -> None:
    """Name what is stored with each message; there is room for one."""
    _companions[:] = [companion]


def find_locked(*, tenant_id: UUID, conversation_id: UUID) -> Conversation | None:
    """The conversation, locked until the running transaction ends."""
    return _find(Conversation, _LOCK, [tenant_id, conversation_id])


def find_agent(*, tenant_id: UUID, channel_user_id: str) -> Agent | None:
    """The agent with this identity in the channel."""
    return _find(Agent, _AGENT, [tenant_id, channel_user_id])


def _find(model: type[Row], query: str, parameters: Sequence[UUID | str]) -> Row | None:
    scope_state.require(model.__name__)
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    fields = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, fields, row)


def add_message(conversation: Conversation, message: Message) -> None:
    """Store a new message and what it has changed in its conversation, which must be locked."""
    companion, values = _companion_of(message)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_MESSAGE.format(companion=companion),
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
                None if message.attachments is None else json.dumps(message.attachments),
                message.created_at,
                *values,
                conversation.last_seq,
                conversation.status,
                conversation.waiting_since,
                conversation.reminders_sent,
                conversation.last_message_at,
                conversation.last_customer_at,
                conversation.last_agent_at,
                conversation.updated_at,
                conversation.agents_seen_seq,
                conversation.tenant_id,
                conversation.pk,
            ],
        )
    message._state.adding = False


def _companion_of(message: Message) -> tuple[str, Sequence[Any]]:
    found = _companions[0](message) if _companions else None
    if found is None:
        return "", ()
    insert, values = found
    return f", companion AS ({insert})", values


def wait_for_locks(*, at_most_ms: int) -> None:
    """For the rest of the running transaction, rather give up than wait longer for a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(at_most_ms)])
