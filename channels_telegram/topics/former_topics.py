"""Topics that were a conversation's: what agents wrote there may arrive when it has another one.

Telegram delivers what it has accepted for a day. An answer that an agent wrote before the group was
upgraded, or before the topic was replaced, is for the customer all the same.
"""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from channels_telegram import sql
from channels_telegram.channels import DecryptedChannel, TopicId
from channels_telegram.models import FormerTopic, TelegramChannel
from channels_telegram.updates import Message
from conversations.models import Conversation
from tenants.models import Tenant

# Telegram's clock and ours may differ a little.
_CLOCK_SKEW = timedelta(seconds=2)


def keep(*, tenant: Tenant, conversation: Conversation, topic: TopicId) -> None:
    """The topic is the conversation's no more."""
    FormerTopic.objects.update_or_create(
        tenant=tenant,
        channel_id=topic.channel_id,
        chat_id=topic.chat_id,
        thread_id=topic.thread_id,
        defaults={"conversation": conversation, "ended_at": timezone.now()},
    )


def keep_of_former_group(*, tenant: Tenant, conversation: Conversation, topic: TopicId) -> bool:
    """The same for a topic that was made in a group that the channel has no more.

    False when an owner has entered another group, rather than Telegram having upgraded it.
    """
    # Not `find_channel`: the group may have moved since this transaction has read that.
    is_former = _was_group(tenant, topic.channel_id, topic.chat_id)
    if is_former:
        keep(tenant=tenant, conversation=conversation, topic=topic)
    return is_former


def forget_all(*, tenant: Tenant) -> None:
    """An owner has chosen another group: who is in the former one answers no customers any more."""
    FormerTopic.objects.filter(tenant=tenant).delete()


def is_former_group(*, tenant: Tenant, channel: DecryptedChannel, chat_id: int) -> bool:
    """Whether the channel's group had this id before it was upgraded."""
    return chat_id != channel.chat_id and _was_group(tenant, channel.id, chat_id)


def _was_group(tenant: Tenant, channel_id: UUID, chat_id: int) -> bool:
    """Whether the id is the one that an owner has entered, or one that an upgrade led to."""
    entered = TelegramChannel.objects.filter(
        tenant=tenant, pk=channel_id, configured_chat_id=chat_id
    )
    led_to = FormerTopic.objects.filter(tenant=tenant, channel_id=channel_id, chat_id=chat_id)
    # In the order of the index, so that it is not the whole table that is looked through.
    return entered.exists() or led_to.order_by("thread_id").first() is not None


def find_conversation(
    *, tenant: Tenant, channel: DecryptedChannel, message: Message
) -> Conversation | None:
    """The conversation whose topic the message was written in; None for any other topic.

    A topic of the present group may still be there and have no meaning any more: only what was
    written before that counts.
    """
    if message.topic_id is None:
        return None
    topic = TopicId(channel.id, message.chat.id, message.topic_id)
    present = sql.find_of_topic(tenant_id=tenant.pk, topic=topic)
    if present is not None:
        return present
    former = (
        FormerTopic.objects.filter(
            tenant=tenant,
            channel_id=topic.channel_id,
            chat_id=topic.chat_id,
            thread_id=topic.thread_id,
        )
        .select_related("conversation")
        .first()
    )
    if former is None:
        return None
    ended = (former.ended_at + _CLOCK_SKEW).timestamp()
    is_late = topic.chat_id == channel.chat_id and message.date > ended
    return None if is_late else former.conversation
