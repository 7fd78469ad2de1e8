"""Messages in the group that can reach no customer: the agents are told, within a budget."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from channels_telegram import hot_rows, metrics, notices, promises, texts
from channels_telegram.channels import OpenChannel
from channels_telegram.models import StrayTopic
from channels_telegram.promises import Post
from channels_telegram.updates import Message
from chatorical.kernel.clock import now_ms
from conversations import selectors
from conversations.models import Conversation
from outbox import services as outbox
from tenants.models import Tenant

logger = structlog.get_logger(__name__)

# A group may have any number of topics of its own; hints about them leave room for customers.
HINTS_IN_A_WINDOW = 3
HINT_WINDOW = timedelta(minutes=10)
# The answer to the call that makes a customer's topic may come after what agents write in it.
_HINT_DELAY = timedelta(seconds=2)


def ignore(message: Message, reason: str) -> None:
    """Count and log a message that asks nothing of us."""
    metrics.IGNORED_MESSAGES.labels(reason).inc()
    logger.info("message_ignored", reason=reason, message_id=message.message_id)


def on_message_of_nobody(tenant: Tenant, channel: OpenChannel, message: Message) -> None:
    """A bot or a channel has written. Agents who write as a channel learn what to do instead."""
    if message.sender_chat is None:
        ignore(message, "bot" if message.sender is not None else "no_sender")
        return
    if message.is_automatic_forward or message.sender_chat.id == message.chat.id:
        # A post of the linked channel, or the group itself speaks.
        ignore(message, "automatic_forward" if message.is_automatic_forward else "group")
        return
    if not message.has_content:
        ignore(message, "without_content")
        return
    ignore(message, "written_as_channel")
    if message.topic_id is None:
        return
    conversation = selectors.find_conversation_of_thread(
        tenant=tenant, channel_id=channel.id, thread_id=message.topic_id
    )
    if conversation is None:
        _hint(tenant, channel, message.topic_id)
    else:
        _hint_channel_author(tenant, conversation)


def on_message_in_unknown_topic(tenant: Tenant, channel: OpenChannel, message: Message) -> None:
    """A person has written in a topic that belongs to no conversation."""
    if not message.has_content:
        ignore(message, "without_content")
        return
    ignore(message, "unknown_topic")
    if message.topic_id is not None:
        _hint(tenant, channel, message.topic_id)


def _hint_channel_author(tenant: Tenant, conversation: Conversation) -> None:
    content = Post(text=texts.WRITTEN_AS_CHANNEL)
    notices.answer_once(tenant, conversation, notices.CHANNEL, content)


def forget_hint(*, tenant: Tenant, channel_id: UUID, chat_id: int, thread_id: int) -> None:
    """The hint could not be given in this topic."""
    StrayTopic.objects.filter(
        tenant=tenant, channel_id=channel_id, chat_id=chat_id, thread_id=thread_id
    ).delete()


def _hint(tenant: Tenant, channel: OpenChannel, thread_id: int) -> None:
    """Say once in the topic that it is nobody's; the next message says it when there is no room."""
    now = now_ms()
    is_news = hot_rows.note_stray_topic(
        tenant_id=tenant.pk,
        channel_id=channel.id,
        chat_id=channel.chat_id,
        thread_id=thread_id,
        now=now,
        window_began=now - HINT_WINDOW,
        most=HINTS_IN_A_WINDOW,
    )
    if is_news:
        hint = promises.hint_in_stray_topic(
            tenant,
            channel,
            thread_id,
            texts.TOPIC_OF_NOBODY,
            is_silent=texts.is_silent(tenant),
            not_before=timezone.now() + _HINT_DELAY,
        )
        outbox.enqueue(tenant=tenant, promises=[hint])
