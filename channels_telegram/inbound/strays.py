"""Messages in the group that can reach no customer: agents are told, one topic after another."""

from datetime import timedelta

import structlog
from django.utils import timezone

from channels_telegram import metrics, sql, texts
from channels_telegram.channels import DecryptedChannel, TopicId
from channels_telegram.models import StrayTopic
from channels_telegram.outgoing import effects, notices
from channels_telegram.outgoing.effects import Post
from channels_telegram.topics import former_topics
from channels_telegram.updates import Message
from conversations.models import Conversation
from outbox import services as outbox
from tenants.models import Tenant

logger = structlog.get_logger(__name__)

# A group may have any number of topics of its own. Hints about them leave room for customers: they
# take a tenth of the group's budget of about twenty posts a minute, and the rest comes later.
HINTS_IN_A_WINDOW = 3
HINT_WINDOW = timedelta(seconds=90)
# The answer to the call that makes a customer's topic may come after what agents write in it.
_HINT_DELAY = timedelta(seconds=2)


def ignore(message: Message, reason: str) -> None:
    """Count and log a message that asks nothing of us."""
    metrics.IGNORED_MESSAGES.labels(reason).inc()
    logger.info("message_ignored", reason=reason, message_id=message.message_id)


def on_message_of_nobody(tenant: Tenant, channel: DecryptedChannel, message: Message) -> None:
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
    conversation = former_topics.find_conversation(tenant=tenant, channel=channel, message=message)
    if conversation is None:
        _hint(tenant, channel, message)
    else:
        _hint_channel_author(tenant, conversation)


def on_message_in_unknown_topic(
    tenant: Tenant, channel: DecryptedChannel, message: Message
) -> None:
    """A person has written in a topic that belongs to no conversation."""
    if not message.has_content:
        ignore(message, "without_content")
        return
    ignore(message, "unknown_topic")
    _hint(tenant, channel, message)


def _hint_channel_author(tenant: Tenant, conversation: Conversation) -> None:
    content = Post(text=texts.WRITTEN_AS_CHANNEL)
    notices.answer_once(tenant, conversation, notices.CHANNEL, content)


def forget_hint(*, tenant: Tenant, topic: TopicId) -> None:
    """The hint could not be given in this topic."""
    StrayTopic.objects.filter(
        tenant=tenant,
        channel_id=topic.channel_id,
        chat_id=topic.chat_id,
        thread_id=topic.thread_id,
    ).delete()


def _hint(tenant: Tenant, channel: DecryptedChannel, message: Message) -> None:
    """Say once in the topic that it is nobody's, as soon as there is room for it.

    In a group that was upgraded nothing can be said any more.
    """
    if message.topic_id is None or message.chat.id != channel.chat_id:
        return
    topic = channel.topic(message.topic_id)
    due = sql.note_stray_topic(
        tenant_id=tenant.pk,
        topic=topic,
        earliest=timezone.now() + _HINT_DELAY,
        window=HINT_WINDOW,
        most=HINTS_IN_A_WINDOW,
    )
    if due is not None:
        hint = effects.hint_in_stray_topic(
            tenant,
            topic,
            texts.TOPIC_OF_NOBODY,
            is_silent=texts.is_silent(tenant),
            not_before=due,
        )
        outbox.enqueue(tenant=tenant, effects=[hint])
