"""What this app posts: the outbox items it enqueues, by kind."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from channels_telegram.bot_api import Keyboard
from channels_telegram.channels import NO_CHANNEL, DecryptedChannel, TopicId, find_channel
from conversations.events import Reminder
from conversations.models import Conversation, Message
from kernel.ids import new_id
from outbox import selectors as outbox_selectors
from outbox import services as outbox
from outbox.models import Lane
from outbox.services import Effect
from tenants.models import Tenant

OPEN_TOPIC = "telegram.open_topic"
POST = "telegram.post"
PIN = "telegram.pin"
REMIND = "telegram.remind"
PIN_REMINDER = "telegram.pin_reminder"
UNPIN_REMINDER = "telegram.unpin_reminder"
SYNC_TITLE = "telegram.sync_title"
CLOSE_TOPIC = "telegram.close_topic"
CLOSE_TOPIC_LATER = "telegram.close_topic_later"
REOPEN_TOPIC = "telegram.reopen_topic"
DELETE_TOPIC = "telegram.delete_topic"
ANSWER_BUTTON = "telegram.answer_button"
POST_IN_GENERAL = "telegram.post_in_general"
HINT_IN_STRAY_TOPIC = "telegram.hint_in_stray_topic"
SET_UP = "telegram.set_up"
LOOK = "telegram.look"

# Telegram forgets a pressed button after some 15 seconds.
_BUTTON_PATIENCE = timedelta(seconds=15)


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


def _for_topic(
    tenant: Tenant,
    conversation: Conversation,
    *,
    kind: str,
    once: str,
    lane: Lane,
    payload: dict[str, object] | None = None,
) -> Effect:
    return Effect(
        kind=kind,
        ordering_key=ordering_key(conversation.pk),
        idempotency_key=once,
        lane=lane,
        payload={"conversation": str(conversation.pk), **(payload or {})},
        channel=_outbox_channel(tenant),
    )


def open_topic(tenant: Tenant, conversation: Conversation, *, again: str = "") -> Effect:
    """The topic with its controls; promised once in a conversation's life.

    And once more for each `again`, where it has gone and no post is there that would make it.
    """
    once = f"telegram:topic:{conversation.pk}"
    return _for_topic(
        tenant,
        conversation,
        kind=OPEN_TOPIC,
        once=f"{once}:{again}" if again else once,
        lane=Lane.TOPIC,
    )


def post(
    tenant: Tenant, conversation: Conversation, content: Post, *, once: str, lane: Lane
) -> Effect:
    """A post in the topic; `once` names it, so that it is promised one time only."""
    payload: dict[str, object] = {"text": content.text}
    if content.bold_units:
        payload["bold_units"] = content.bold_units
    if content.keyboard:
        payload["keyboard"] = content.keyboard
    if content.is_pinned:
        payload["is_pinned"] = True
    if content.completes is not None:
        payload["completes"] = {"id": str(content.completes.pk), "seq": content.completes.seq}
    return _for_topic(tenant, conversation, kind=POST, once=once, lane=lane, payload=payload)


def notice(tenant: Tenant, conversation: Conversation, content: Post, once: str = "") -> Effect:
    """Something the bot tells the agents of a conversation in answer to what they did."""
    name = once or f"telegram:notice:{new_id()}"
    return post(tenant, conversation, content, once=name, lane=Lane.AGENT_ACTION)


def pin(
    tenant: Tenant, conversation_id: str, channel: DecryptedChannel, message_id: int, *, once: str
) -> Effect:
    """Pin a post that has been made there. It may be late, and holds nothing up but other pins."""
    return Effect(
        kind=PIN,
        ordering_key=pins_key(UUID(conversation_id)),
        idempotency_key=f"telegram:pin:{once}",
        lane=Lane.COSMETIC,
        payload={"conversation": conversation_id, **_message_in(channel, message_id)},
        channel=_outbox_channel(tenant),
    )


def remind(
    tenant: Tenant, conversation: Conversation, text: str, reminder: Reminder, *, is_pinned: bool
) -> Effect:
    """Remind the agents, unless it has become pointless before it could leave.

    Reminders, their pins and the removal of these have an order of their own: they may be late, and
    must not hold messages up.
    """
    since = reminder.waiting_since.isoformat()
    effect = _for_topic(
        tenant,
        conversation,
        kind=REMIND,
        once=f"telegram:remind:{conversation.pk}:{since}:{reminder.number}",
        lane=Lane.COSMETIC,
        payload={
            "text": text,
            "waiting_since": since,
            "number": reminder.number,
            "is_pinned": is_pinned,
        },
    )
    return replace(effect, ordering_key=reminders_key(conversation.pk))


def pin_reminder(
    tenant: Tenant, reminder: Mapping[str, Any], channel: DecryptedChannel, message_id: int
) -> Effect:
    """Pin a reminder that has been posted there, as promised by `remind` with that payload."""
    conversation_id = UUID(reminder["conversation"])
    return Effect(
        kind=PIN_REMINDER,
        ordering_key=reminders_key(conversation_id),
        idempotency_key=f"telegram:pin:{conversation_id}:{message_id}",
        lane=Lane.COSMETIC,
        payload={**reminder, "text": "", **_message_in(channel, message_id)},
        channel=_outbox_channel(tenant),
    )


def unpin_reminder(tenant: Tenant, conversation: Conversation, message_id: int) -> list[Effect]:
    """Take the pin off a reminder in the group of now, after it was pinned; none without a group.

    It says where by itself: the tenant may have another group by then.
    """
    channel = find_channel(tenant=tenant)
    if channel is None:
        return []
    effect = _for_topic(
        tenant,
        conversation,
        kind=UNPIN_REMINDER,
        once=f"telegram:unpin:{conversation.pk}:{channel.chat_id}:{message_id}",
        lane=Lane.COSMETIC,
        payload=_message_in(channel, message_id),
    )
    return [replace(effect, ordering_key=reminders_key(conversation.pk))]


def _message_in(channel: DecryptedChannel, message_id: int) -> dict[str, object]:
    """Messages are numbered by group: the number alone may mean another one in another group."""
    return {"channel": str(channel.id), "chat_id": channel.chat_id, "message_id": message_id}


def reminders_key(conversation_id: UUID) -> str:
    """The order of a conversation's reminders."""
    return f"{ordering_key(conversation_id)}:remind"


def close_topic(tenant: Tenant, conversation: Conversation) -> Effect:
    """Close the topic."""
    once = f"telegram:close:{new_id()}"
    return _for_topic(tenant, conversation, kind=CLOSE_TOPIC, once=once, lane=Lane.AGENT_ACTION)


def is_closing(tenant: Tenant, conversation: Conversation) -> bool:
    """Whether a call that closes the topic waits or is being made."""
    return outbox_selectors.is_pending(
        tenant=tenant, kind=CLOSE_TOPIC, ordering_key=ordering_key(conversation.pk)
    )


def close_topic_later(tenant: Tenant, conversation: Conversation) -> Effect:
    """Close the topic when there is room, if the conversation is still closed by then.

    Apart from the topic's order, so that a customer who writes again is not kept waiting by it.
    """
    name = f"telegram:close:{new_id()}"
    effect = _for_topic(tenant, conversation, kind=CLOSE_TOPIC_LATER, once=name, lane=Lane.COSMETIC)
    return replace(effect, ordering_key=later_closings_key(conversation.pk))


def reopen_topic(tenant: Tenant, conversation: Conversation) -> Effect:
    """Open the topic again."""
    once = f"telegram:reopen:{new_id()}"
    return _for_topic(
        tenant, conversation, kind=REOPEN_TOPIC, once=once, lane=Lane.CUSTOMER_MESSAGE
    )


def delete_topic(tenant: Tenant, conversation_id: UUID, topic: TopicId) -> Effect:
    """Remove a topic. It says where by itself: the conversation will be gone by then."""
    return Effect(
        kind=DELETE_TOPIC,
        ordering_key=ordering_key(conversation_id),
        idempotency_key=f"telegram:delete:{conversation_id}:{topic.chat_id}:{topic.thread_id}",
        lane=Lane.COSMETIC,
        payload={
            "channel": str(topic.channel_id),
            "chat_id": topic.chat_id,
            "thread_id": topic.thread_id,
        },
        channel=_outbox_channel(tenant),
    )


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
    if outbox.has_waiting(tenant=tenant, kind=SYNC_TITLE, ordering_key=key):
        return []
    effect = _for_topic(
        tenant,
        conversation,
        kind=SYNC_TITLE,
        once=f"telegram:title:{new_id()}",
        lane=Lane.COSMETIC,
    )
    return [replace(effect, ordering_key=key)]


def answer_button(callback_query_id: str, text: str) -> Effect:
    """End the spinner of a pressed button; costs no budget and is soon pointless."""
    once = f"telegram:button:{callback_query_id}"[:120]
    return Effect(
        kind=ANSWER_BUTTON,
        ordering_key=once[:80],
        idempotency_key=once,
        lane=Lane.AGENT_ACTION,
        payload={"callback_query_id": callback_query_id, "text": text},
        expires_at=timezone.now() + _BUTTON_PATIENCE,
    )


def post_in_general(tenant: Tenant, text: str, *, once: str, is_silent: bool) -> Effect:
    """An answer in the group's root."""
    return Effect(
        kind=POST_IN_GENERAL,
        ordering_key=f"telegram:general:{tenant.pk}",
        idempotency_key=once,
        lane=Lane.AGENT_ACTION,
        payload={"text": text, "is_silent": is_silent},
        channel=_outbox_channel(tenant),
    )


def hint_in_stray_topic(
    tenant: Tenant, topic: TopicId, text: str, *, is_silent: bool, not_before: datetime
) -> Effect:
    """Something the bot says in a topic of the group that belongs to no conversation.

    It does not expire: it is said once, and is true whenever it can be delivered.
    """
    name = f"telegram:stray:{topic.channel_id}:{topic.thread_id}"
    return Effect(
        kind=HINT_IN_STRAY_TOPIC,
        ordering_key=name,
        idempotency_key=f"{name}:{new_id()}"[:120],
        lane=Lane.COSMETIC,
        payload={
            "channel": str(topic.channel_id),
            "chat_id": topic.chat_id,
            "thread_id": topic.thread_id,
            "text": text,
            "is_silent": is_silent,
        },
        channel=_outbox_channel(tenant),
        not_before=not_before,
    )


def set_up(channel_id: UUID) -> Effect:
    """Tell Telegram where to send updates and which commands there are."""
    return Effect(
        kind=SET_UP,
        ordering_key=f"telegram:setup:{channel_id}",
        idempotency_key=f"telegram:setup:{new_id()}",
        lane=Lane.AGENT_ACTION,
        payload={"channel": str(channel_id)},
    )


def look(channel_id: UUID) -> Effect:
    """Ask Telegram what the bot may do in the group; costs none of the group's budget."""
    return Effect(
        kind=LOOK,
        ordering_key=look_key(channel_id),
        idempotency_key=f"telegram:look:{new_id()}",
        lane=Lane.AGENT_ACTION,
        payload={"channel": str(channel_id)},
    )


def look_key(channel_id: UUID) -> str:
    """Looks at one channel come one after another."""
    return f"telegram:look:{channel_id}"
