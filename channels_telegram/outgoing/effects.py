"""What this app enqueues: an effect of each kind, with its order and what makes it unique."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from channels_telegram.bot_api import Keyboard
from channels_telegram.channels import NO_CHANNEL, DecryptedChannel, TopicId, find_channel
from channels_telegram.outgoing import kinds
from channels_telegram.outgoing.kinds import (
    ButtonAnswer,
    CompletedMessage,
    ForTopic,
    GeneralPost,
    OfChannel,
    OfThread,
    PostedInTopic,
    PostedReminder,
    StrayHint,
    TopicPost,
    TopicReminder,
)
from conversations.events import Reminder
from conversations.models import Conversation, Message
from kernel.ids import new_id
from outbox import selectors as outbox_selectors
from outbox import services as outbox
from outbox.kinds import Kind, PayloadT
from outbox.models import Lane
from outbox.services import Effect
from tenants.models import Tenant

# Telegram forgets a pressed button after some 15 seconds.
_BUTTON_TIMEOUT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Post:
    """A text for a conversation's topic, at most 4096 UTF-16 units.

    `completes` is the customer's message that the agents have whole once this is posted.
    """

    text: str
    bold_units: int = 0
    keyboard: Keyboard | None = None
    is_pinned: bool = False
    completes: Message | None = None


def ordering_key(conversation_id: UUID) -> str:
    """Everything that happens in one topic leaves in order."""
    return f"telegram:{conversation_id}"


def _outbox_channel(tenant: Tenant) -> str:
    channel = find_channel(tenant=tenant)
    return channel.outbox_channel if channel is not None else NO_CHANNEL


def _in_order(
    kind: Kind[PayloadT],
    tenant: Tenant,
    payload: PayloadT,
    *,
    key: str,
    once: str,
    lane: Lane | None = None,
) -> Effect:
    """An effect that spends the budget of the tenant's group."""
    return kind.effect(
        payload,
        ordering_key=key,
        idempotency_key=once,
        channel=_outbox_channel(tenant),
        lane=lane,
    )


def _for_topic(
    kind: Kind[ForTopic],
    tenant: Tenant,
    conversation: Conversation,
    *,
    once: str,
    key: str | None = None,
) -> Effect:
    """An effect that needs to know no more than whose topic it is about."""
    payload = ForTopic(conversation=conversation.pk)
    return _in_order(kind, tenant, payload, key=key or ordering_key(conversation.pk), once=once)


def open_topic(tenant: Tenant, conversation: Conversation, *, again: str = "") -> Effect:
    """The topic with its controls; enqueued once in a conversation's life.

    And once more for each `again`, where it has gone and no post is there that would make it.
    """
    once = f"telegram:topic:{conversation.pk}"
    return _for_topic(
        kinds.OPEN_TOPIC, tenant, conversation, once=f"{once}:{again}" if again else once
    )


def post(
    tenant: Tenant, conversation: Conversation, content: Post, *, once: str, lane: Lane
) -> Effect:
    """A post in the topic; `once` names it, so that it is enqueued one time only."""
    completes = content.completes
    payload = TopicPost(
        conversation=conversation.pk,
        text=content.text,
        bold_units=content.bold_units,
        keyboard=content.keyboard,
        is_pinned=content.is_pinned,
        completes=None if completes is None else CompletedMessage(completes.pk, completes.seq),
    )
    key = ordering_key(conversation.pk)
    return _in_order(kinds.POST, tenant, payload, key=key, once=once, lane=lane)


def notice(tenant: Tenant, conversation: Conversation, content: Post, once: str = "") -> Effect:
    """Something the bot tells the agents of a conversation in answer to what they did."""
    name = once or f"telegram:notice:{new_id()}"
    return post(tenant, conversation, content, once=name, lane=Lane.AGENT_ACTION)


def pin(
    tenant: Tenant, conversation_id: UUID, channel: DecryptedChannel, message_id: int, *, once: str
) -> Effect:
    """Pin a post that has been made there. It may be late, and holds nothing up but other pins."""
    payload = _posted(conversation_id, channel, message_id)
    key = pins_key(conversation_id)
    return _in_order(kinds.PIN, tenant, payload, key=key, once=f"telegram:pin:{once}")


def remind(
    tenant: Tenant, conversation: Conversation, text: str, reminder: Reminder, *, is_pinned: bool
) -> Effect:
    """Remind the agents, unless it has become pointless before it could leave.

    Reminders, their pins and the removal of these have an order of their own: they may be late, and
    must not hold messages up.
    """
    since, number = reminder.waiting_since, reminder.number
    payload = TopicReminder(
        conversation=conversation.pk,
        text=text,
        waiting_since=since,
        number=number,
        is_pinned=is_pinned,
    )
    once = f"telegram:remind:{conversation.pk}:{since.isoformat()}:{number}"
    return _in_order(kinds.REMIND, tenant, payload, key=reminders_key(conversation.pk), once=once)


def pin_reminder(
    tenant: Tenant, reminder: TopicReminder, channel: DecryptedChannel, message_id: int
) -> Effect:
    """Pin a reminder that has been posted there."""
    payload = PostedReminder(
        conversation=reminder.conversation,
        waiting_since=reminder.waiting_since,
        number=reminder.number,
        is_pinned=reminder.is_pinned,
        channel=channel.id,
        chat_id=channel.chat_id,
        message_id=message_id,
    )
    key = reminders_key(reminder.conversation)
    once = f"telegram:pin:{reminder.conversation}:{message_id}"
    return _in_order(kinds.PIN_REMINDER, tenant, payload, key=key, once=once)


def unpin_reminder(tenant: Tenant, conversation: Conversation, message_id: int) -> list[Effect]:
    """Take the pin off a reminder in the group of now, after it was pinned; none without a group.

    It says where by itself: the tenant may have another group by then.
    """
    channel = find_channel(tenant=tenant)
    if channel is None:
        return []
    payload = _posted(conversation.pk, channel, message_id)
    key = reminders_key(conversation.pk)
    once = f"telegram:unpin:{conversation.pk}:{channel.chat_id}:{message_id}"
    return [_in_order(kinds.UNPIN_REMINDER, tenant, payload, key=key, once=once)]


def _posted(conversation_id: UUID, channel: DecryptedChannel, message_id: int) -> PostedInTopic:
    return PostedInTopic(
        conversation=conversation_id,
        channel=channel.id,
        chat_id=channel.chat_id,
        message_id=message_id,
    )


def reminders_key(conversation_id: UUID) -> str:
    """The order of a conversation's reminders."""
    return f"{ordering_key(conversation_id)}:remind"


def close_topic(tenant: Tenant, conversation: Conversation) -> Effect:
    """Close the topic."""
    once = f"telegram:close:{new_id()}"
    return _for_topic(kinds.CLOSE_TOPIC, tenant, conversation, once=once)


def is_closing(tenant: Tenant, conversation: Conversation) -> bool:
    """Whether a call that closes the topic waits or is being made."""
    return outbox_selectors.is_pending(
        tenant=tenant, kind=kinds.CLOSE_TOPIC.name, ordering_key=ordering_key(conversation.pk)
    )


def close_topic_later(tenant: Tenant, conversation: Conversation) -> Effect:
    """Close the topic when there is room, if the conversation is still closed by then.

    Apart from the topic's order, so that a customer who writes again is not kept waiting by it.
    """
    once = f"telegram:close:{new_id()}"
    key = later_closings_key(conversation.pk)
    return _for_topic(kinds.CLOSE_TOPIC_LATER, tenant, conversation, once=once, key=key)


def reopen_topic(tenant: Tenant, conversation: Conversation) -> Effect:
    """Open the topic again."""
    once = f"telegram:reopen:{new_id()}"
    return _for_topic(kinds.REOPEN_TOPIC, tenant, conversation, once=once)


def delete_topic(tenant: Tenant, conversation_id: UUID, topic: TopicId) -> Effect:
    """Remove a topic. It says where by itself: the conversation will be gone by then."""
    payload = OfThread(channel=topic.channel_id, chat_id=topic.chat_id, thread_id=topic.thread_id)
    once = f"telegram:delete:{conversation_id}:{topic.chat_id}:{topic.thread_id}"
    key = ordering_key(conversation_id)
    return _in_order(kinds.DELETE_TOPIC, tenant, payload, key=key, once=once)


def delete_surplus_topic(tenant: Tenant, conversation_id: UUID, topic: TopicId) -> Effect:
    """Remove a topic that a conversation has besides its own.

    Apart from the order of the conversation's own topic, so that no message waits for it.
    """
    effect = delete_topic(tenant, conversation_id, topic)
    return replace(effect, ordering_key=f"{ordering_key(conversation_id)}:surplus")


def keys_of(conversation_id: UUID) -> list[str]:
    """Every ordering key under which something about a conversation is enqueued."""
    keys = (ordering_key, title_key, reminders_key, pins_key, later_closings_key)
    return [key(conversation_id) for key in keys]


def pins_key(conversation_id: UUID) -> str:
    """The order of a conversation's pins."""
    return f"{ordering_key(conversation_id)}:pin"


def later_closings_key(conversation_id: UUID) -> str:
    """The order of the closings that wait for room."""
    return f"{ordering_key(conversation_id)}:close"


def title_key(conversation_id: UUID) -> str:
    """Renames have an order of their own: one may be late, and must not hold messages up."""
    return f"{ordering_key(conversation_id)}:title"


def sync_title(tenant: Tenant, conversation: Conversation) -> list[Effect]:
    """Bring the title up to date, unless an effect to do so is waiting already.

    The title is read when it is sent, so a waiting one covers this change too.
    """
    key = title_key(conversation.pk)
    if outbox.has_waiting(tenant=tenant, kind=kinds.SYNC_TITLE.name, ordering_key=key):
        return []
    once = f"telegram:title:{new_id()}"
    return [_for_topic(kinds.SYNC_TITLE, tenant, conversation, once=once, key=key)]


def answer_button(callback_query_id: str, text: str) -> Effect:
    """End the spinner of a pressed button; costs no budget and is soon pointless."""
    once = f"telegram:button:{callback_query_id}"[:120]
    return kinds.ANSWER_BUTTON.effect(
        ButtonAnswer(callback_query_id=callback_query_id, text=text),
        ordering_key=once[:80],
        idempotency_key=once,
        expires_at=timezone.now() + _BUTTON_TIMEOUT,
    )


def post_in_general(tenant: Tenant, text: str, *, once: str, is_silent: bool) -> Effect:
    """An answer in the group's root."""
    payload = GeneralPost(text=text, is_silent=is_silent)
    key = f"telegram:general:{tenant.pk}"
    return _in_order(kinds.POST_IN_GENERAL, tenant, payload, key=key, once=once)


def hint_in_stray_topic(
    tenant: Tenant, topic: TopicId, text: str, *, is_silent: bool, not_before: datetime
) -> Effect:
    """Something the bot says in a topic of the group that belongs to no conversation.

    It does not expire: it is said once, and is true whenever it can be delivered.
    """
    name = f"telegram:stray:{topic.channel_id}:{topic.thread_id}"
    payload = StrayHint(
        channel=topic.channel_id,
        chat_id=topic.chat_id,
        thread_id=topic.thread_id,
        text=text,
        is_silent=is_silent,
    )
    return kinds.HINT_IN_STRAY_TOPIC.effect(
        payload,
        ordering_key=name,
        idempotency_key=f"{name}:{new_id()}"[:120],
        channel=_outbox_channel(tenant),
        not_before=not_before,
    )


def set_up(channel_id: UUID) -> Effect:
    """Tell Telegram where to send updates and which commands there are."""
    return kinds.SET_UP.effect(
        OfChannel(channel=channel_id),
        ordering_key=f"telegram:setup:{channel_id}",
        idempotency_key=f"telegram:setup:{new_id()}",
    )


def look(channel_id: UUID) -> Effect:
    """Ask Telegram what the bot may do in the group; costs none of the group's budget."""
    return kinds.LOOK.effect(
        OfChannel(channel=channel_id),
        ordering_key=look_key(channel_id),
        idempotency_key=f"telegram:look:{new_id()}",
    )


def look_key(channel_id: UUID) -> str:
    """Looks at one channel come one after another."""
    return f"telegram:look:{channel_id}"
