"""Rows that every message needs, in SQL: the ORM takes three to four times the CPU for them.

What they keep: an update is noted once, and the second one waits for the first one's commit;
a Telegram message stands for one message of ours; every statement names the tenant.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from channels_telegram.channels import TopicId
from conversations.models import Conversation
from tenants import scope_state

_CONVERSATION_FIELDS = tuple(
    ["id", "tenant_id", "codename", "customer_name", "about_note", "channel_id", "thread_id"]
)

_SHOWN = f"""
    SELECT {", ".join(f"shown.{name}" for name in _CONVERSATION_FIELDS)},
        topic.chat_id, coalesce(topic.title, ''), topic.controls_message_id,
        coalesce(topic.is_closed, false), topic.bot_id
    FROM conversations_conversation shown
    LEFT JOIN channels_telegram_topic topic
        ON topic.tenant_id = shown.tenant_id AND topic.conversation_id = shown.id
    WHERE shown.tenant_id = %s AND shown.id = %s
"""  # noqa: S608  # nosec B608


_ALL_FIELDS = tuple(str(field.attname) for field in Conversation._meta.concrete_fields)
# With the group, which the conversation itself does not name: the number alone may mean a topic of
# a former group.
_OF_TOPIC = f"""
    SELECT {", ".join(f"shown.{name}" for name in _ALL_FIELDS)}
    FROM conversations_conversation shown
    JOIN channels_telegram_topic topic
        ON topic.tenant_id = shown.tenant_id AND topic.conversation_id = shown.id
    WHERE shown.tenant_id = %s AND shown.channel_id = %s AND shown.thread_id = %s
        AND topic.chat_id = %s AND topic.thread_id = %s
"""  # noqa: S608  # nosec B608


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation, with the fields that name and place it, and its topic in Telegram."""

    conversation: Conversation
    chat_id: int | None
    title: str
    controls_message_id: int | None
    is_closed: bool
    bot_id: int | None


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
    remark_id: UUID | None,
) -> None:
    """Note that an agent's message was not sent; the latest words and reason count.

    A remark that it once was stays known.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_telegram_unsentmessage "
            "(tenant_id, channel_id, chat_id, telegram_message_id, conversation_id, reason, "
            "words_hash, remark_id, received_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now()) "
            "ON CONFLICT (tenant_id, channel_id, chat_id, telegram_message_id) DO UPDATE "
            "SET remark_id = coalesce(excluded.remark_id, "
            "channels_telegram_unsentmessage.remark_id), "
            "conversation_id = excluded.conversation_id, reason = excluded.reason, "
            "words_hash = excluded.words_hash",
            [
                *(tenant_id, channel_id, chat_id, telegram_message_id),
                *(conversation_id, reason, words_hash, remark_id),
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
    topic: TopicId,
    earliest: datetime,
    window: timedelta,
    most: int,
) -> datetime | None:
    """Note that a topic is told that it is nobody's; returns when, or None when it was told before.

    Not before `earliest`, and with at most `most` topics of the channel in one `window`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH latest AS (SELECT hinted_at FROM channels_telegram_straytopic "
            "WHERE tenant_id = %s AND channel_id = %s ORDER BY hinted_at DESC OFFSET %s LIMIT 1) "
            "INSERT INTO channels_telegram_straytopic "
            "(tenant_id, channel_id, chat_id, thread_id, hinted_at) "
            "SELECT %s, %s, %s, %s, "
            "greatest(%s, (SELECT hinted_at + make_interval(secs => %s) FROM latest)) "
            "ON CONFLICT DO NOTHING RETURNING hinted_at",
            (
                *(tenant_id, topic.channel_id, most - 1),
                *(tenant_id, topic.channel_id, topic.chat_id, topic.thread_id),
                *(earliest, window.total_seconds()),
            ),
        )
        row = cursor.fetchone()
        return None if row is None else row[0]


def hold_group(*, tenant_id: UUID, channel_id: UUID) -> int | None:
    """The id of the channel's group, which stays so until the running transaction ends.

    None when there is no such channel. To be called before a conversation is locked: a new group is
    adopted in this order too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chat_id FROM channels_telegram_telegramchannel "
            "WHERE tenant_id = %s AND id = %s FOR SHARE",
            [tenant_id, channel_id],
        )
        row = cursor.fetchone()
        return None if row is None else row[0]


def keep_former_topics(*, tenant_id: UUID, channel_id: UUID, chat_id: int) -> None:
    """Note every topic that a conversation of the channel has as a former one of this group."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_telegram_formertopic "
            "(tenant_id, channel_id, chat_id, thread_id, conversation_id, ended_at) "
            "SELECT tenant_id, channel_id, %s, thread_id::bigint, id, now() "
            "FROM conversations_conversation "
            "WHERE tenant_id = %s AND channel_id = %s AND thread_id IS NOT NULL "
            "ON CONFLICT (tenant_id, channel_id, chat_id, thread_id) DO UPDATE "
            "SET conversation_id = excluded.conversation_id, ended_at = excluded.ended_at",
            [chat_id, tenant_id, channel_id],
        )


def find_of_topic(*, tenant_id: UUID, topic: TopicId) -> Conversation | None:
    """The conversation that agents see in this topic now."""
    scope_state.require(Conversation.__name__)
    with connection.cursor() as cursor:
        of = (tenant_id, topic.channel_id, topic.name, topic.chat_id, topic.thread_id)
        cursor.execute(_OF_TOPIC, of)
        row = cursor.fetchone()
    return None if row is None else Conversation.from_db(connection.alias, _ALL_FIELDS, row)


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
