"""Rows that every message needs, in SQL: the ORM takes three to four times the CPU for them.

What they keep: an update is noted once, and whoever comes second waits for the first one's commit;
a Telegram message stands for one message of ours; every statement names the tenant.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from conversations.models import Conversation
from tenants import scope_state

_CONVERSATION_FIELDS = tuple(
    ["id", "tenant_id", "codename", "customer_name", "about_note", "channel_id", "thread_id"]
)

_SHOWN = f"""
    SELECT {", ".join(f"shown.{name}" for name in _CONVERSATION_FIELDS)},
        coalesce(topic.title, ''), topic.controls_message_id, coalesce(topic.is_closed, false)
    FROM conversations_conversation shown
    LEFT JOIN channels_telegram_topic topic
        ON topic.tenant_id = shown.tenant_id AND topic.conversation_id = shown.id
    WHERE shown.tenant_id = %s AND shown.id = %s
"""  # noqa: S608  # nosec B608


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation, with the fields that name and place it, and its topic in Telegram."""

    conversation: Conversation
    title: str
    controls_message_id: int | None
    is_closed: bool


def is_first_time(*, tenant_id: UUID, channel_id: UUID, bot_id: int, update_id: int) -> bool:
    """Note an update; False when it is noted already. The unique row decides between twins."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_telegram_inboxupdate "
            "(tenant_id, channel_id, bot_id, update_id, has_failed, received_at) "
            "VALUES (%s, %s, %s, %s, false, now()) ON CONFLICT DO NOTHING",
            [tenant_id, channel_id, bot_id, update_id],
        )
        return bool(cursor.rowcount == 1)


def link_message(
    *,
    tenant_id: UUID,
    channel_id: UUID,
    chat_id: int,
    telegram_message_id: int,
    message_id: UUID,
) -> None:
    """Note which message of ours an agent's message became; an error when it has one already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_telegram_messagelink "
            "(tenant_id, channel_id, chat_id, telegram_message_id, message_id) "
            "VALUES (%s, %s, %s, %s, %s)",
            [tenant_id, channel_id, chat_id, telegram_message_id, message_id],
        )


def note_unsent(
    *,
    tenant_id: UUID,
    channel_id: UUID,
    chat_id: int,
    telegram_message_id: int,
    conversation_id: UUID,
    reason: str,
    words_hash: str,
) -> None:
    """Note that an agent's message was not sent; the latest words and reason count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_telegram_unsentmessage "
            "(tenant_id, channel_id, chat_id, telegram_message_id, conversation_id, reason, "
            "words_hash, received_at) VALUES (%s, %s, %s, %s, %s, %s, %s, now()) "
            "ON CONFLICT (tenant_id, channel_id, chat_id, telegram_message_id) DO UPDATE "
            "SET conversation_id = excluded.conversation_id, reason = excluded.reason, "
            "words_hash = excluded.words_hash",
            [
                *(tenant_id, channel_id, chat_id, telegram_message_id),
                *(conversation_id, reason, words_hash),
            ],
        )


def note_notice(
    *, tenant_id: UUID, conversation_id: UUID, kind: str, now: datetime, repeats_until: datetime
) -> bool:
    """Note that a topic is told something; False when it was told so after `repeats_until`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_telegram_topicnotice AS noted "
            "(tenant_id, conversation_id, kind, posted_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (tenant_id, conversation_id, kind) "
            "DO UPDATE SET posted_at = excluded.posted_at WHERE noted.posted_at <= %s "
            "RETURNING 1",
            [tenant_id, conversation_id, kind, now, repeats_until],
        )
        return cursor.fetchone() is not None


def note_stray_topic(
    *,
    tenant_id: UUID,
    channel_id: UUID,
    chat_id: int,
    thread_id: int,
    now: datetime,
    window_began: datetime,
    most: int,
) -> bool:
    """Note that a topic is told that it is nobody's.

    False when it was told before, or when `most` topics of the channel were since `window_began`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_telegram_straytopic "
            "(tenant_id, channel_id, chat_id, thread_id, hinted_at) "
            "SELECT %s, %s, %s, %s, %s WHERE %s > ("
            "SELECT count(*) FROM channels_telegram_straytopic "
            "WHERE tenant_id = %s AND channel_id = %s AND hinted_at > %s) "
            "ON CONFLICT DO NOTHING RETURNING 1",
            [
                *(tenant_id, channel_id, chat_id, thread_id, now, most),
                *(tenant_id, channel_id, window_began),
            ],
        )
        return cursor.fetchone() is not None


def find_shown(*, tenant_id: UUID, conversation_id: UUID) -> Shown | None:
    """A conversation as its topic needs it, with what Telegram shows of it, in one look."""
    scope_state.require(Conversation.__name__)
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, [tenant_id, conversation_id])
        row = cursor.fetchone()
    if row is None:
        return None
    width = len(_CONVERSATION_FIELDS)
    conversation = Conversation.from_db(connection.alias, _CONVERSATION_FIELDS, row[:width])
    return Shown(conversation, *row[width:])
