"""Reminders in the topic: posted, pinned and taken down while that still makes sense.

They have an order of their own, beside that of the topic's messages. So they make no topics, which
happens in the other order only: a reminder that finds none enqueues one there, and waits for it.
"""

from uuid import UUID

import structlog

from channels_telegram import texts
from channels_telegram.api_errors import AlreadySo, NeedsAttention, TopicGone
from channels_telegram.bot_api import PostedMessage
from channels_telegram.channels import DecryptedChannel, TopicId
from channels_telegram.outgoing import effects, kinds, topic_delivery
from channels_telegram.outgoing.error_mapping import handles
from channels_telegram.outgoing.kinds import ForTopic, PostedInTopic, PostedReminder, TopicReminder
from channels_telegram.outgoing.rate_limit import take_call
from channels_telegram.topics import topic_records
from channels_telegram.topics.topic_records import TopicTarget
from conversations import selectors
from conversations.errors import ConversationNotFound
from conversations.events import Reminder
from conversations.models import Conversation
from outbox import services as outbox
from outbox.errors import DeliveryError, Expired
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem
from tenants.models import Tenant
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)


@handles(kinds.REMIND)
def remind(item: OutboxItem, payload: TopicReminder) -> AfterDelivery | None:
    """Post the reminder, with a button to claim."""
    with tenant_scope(item.tenant_id) as tenant:
        _get_waiting(tenant, payload)
    target = _target_of(item, payload)
    if target.thread_id is None:
        # The customer's message may be on its way still, or the group is another one by now.
        _enqueue_topic(item, payload)
        raise DeliveryError("the topic is not there yet")
    keyboard = texts.claim_keyboard(target.conversation_id)
    try:
        posted = topic_delivery.send(target, payload.text, keyboard=keyboard)
    except TopicGone as error:
        # A person has deleted it, but the customer waits all the same.
        _enqueue_topic(item, payload, instead_of=target.topic)
        raise DeliveryError("the topic is gone; another one is on its way") from error
    if not payload.is_pinned:
        return None
    channel = topic_delivery.channel_of(target)
    return lambda: _enqueue_pin(item.tenant_id, payload, channel, posted)


def _enqueue_topic(
    item: OutboxItem, payload: TopicReminder, *, instead_of: TopicId | None = None
) -> None:
    """Have a topic made, unless one is on its way already; `instead_of` is the one that is gone."""
    with tenant_scope(item.tenant_id) as tenant:
        conversation = _get_waiting(tenant, payload)
        if instead_of is not None:
            topic_records.unbind_topic(tenant=tenant, conversation=conversation, topic=instead_of)
        key = effects.ordering_key(conversation.pk)
        if not outbox.has_waiting(tenant=tenant, kind=kinds.OPEN_TOPIC.name, ordering_key=key):
            suffix = f"{item.pk}:{item.attempts}"
            opening = effects.open_topic(tenant, conversation, suffix=suffix)
            outbox.enqueue(tenant=tenant, effects=[opening])


def _enqueue_pin(
    tenant_id: UUID, payload: TopicReminder, channel: DecryptedChannel, posted: PostedMessage
) -> None:
    with tenant_scope(tenant_id) as tenant:
        pinned = effects.pin_reminder(tenant, payload, channel, posted.message_id)
        outbox.enqueue(tenant=tenant, effects=[pinned])


@handles(kinds.PIN_REMINDER)
def pin(item: OutboxItem, payload: PostedReminder) -> None:
    """Pin it, and take the pin off an earlier one.

    Noted before the call, under the conversation's lock: who claims from then on enqueues to
    take the pin off, which happens after this.
    """
    channel = _channel_of_message(item, payload)
    with tenant_scope(item.tenant_id) as tenant:
        conversation = _get_waiting(tenant, payload)
        earlier = topic_records.take_pinned_reminder(tenant=tenant, conversation=conversation)
        topic_records.note_pinned_reminder(
            tenant=tenant,
            conversation=conversation,
            chat_id=channel.chat_id,
            message_id=payload.message_id,
        )
        if earlier is not None and earlier != payload.message_id:
            unpinned = effects.unpin_reminder(tenant, conversation, earlier)
            outbox.enqueue(tenant=tenant, effects=unpinned)
    topic_delivery.pin(channel, payload)


@handles(kinds.UNPIN_REMINDER)
def unpin(item: OutboxItem, payload: PostedInTopic) -> None:
    """Take the pin off a reminder that has become pointless."""
    channel = _channel_of_message(item, payload)
    try:
        take_call(channel).unpin_chat_message(
            chat_id=channel.chat_id, message_id=payload.message_id
        )
    except AlreadySo:
        logger.debug("not_pinned")
    except NeedsAttention as error:
        logger.warning("unpin_refused", error=str(error))


def _get_waiting(tenant: Tenant, payload: TopicReminder) -> Conversation:
    """The conversation, locked, if the reminder is still the newest about it."""
    reminder = Reminder(waiting_since=payload.waiting_since, number=payload.number)
    try:
        conversation = selectors.lock_conversation(
            tenant=tenant, conversation_id=payload.conversation
        )
    except ConversationNotFound as error:
        raise Expired("the conversation is gone") from error
    if not selectors.is_reminder_of_now(conversation=conversation, reminder=reminder):
        raise Expired("nobody waits for that any more")
    return conversation


def _target_of(item: OutboxItem, payload: ForTopic) -> TopicTarget:
    target = topic_records.find_target(
        tenant_id=item.tenant_id,
        conversation_id=payload.conversation,
        outbox_channel=item.channel,
    )
    if target is None:
        raise Expired("the conversation is gone")
    return target


def _channel_of_message(
    item: OutboxItem, payload: PostedInTopic | PostedReminder
) -> DecryptedChannel:
    """Where the item's message was posted; raises Expired when the group is another one now."""
    channel = topic_delivery.channel_of(_target_of(item, payload))
    return topic_delivery.require_group(channel, payload)
