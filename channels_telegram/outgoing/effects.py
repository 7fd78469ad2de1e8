"""What this app enqueues: an effect of each kind, with its order and what makes it unique."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeVar
from uuid import UUID

from django.utils import timezone

from channels_telegram import pool
from channels_telegram.bot_api import Keyboard
from channels_telegram.channels import (
    NO_CHANNEL,
    DecryptedChannel,
    TopicId,
    files_channel,
    find_channel,
)
from channels_telegram.outgoing import kinds
from channels_telegram.outgoing.kinds import (
    ButtonAnswer,
    Caption,
    CompletedMessage,
    FileToFetch,
    ForTopic,
    GeneralPost,
    OfChannel,
    OfThread,
    PostedInTopic,
    PostedReminder,
    StrayHint,
    TopicFile,
    TopicReminder,
)
from conversations.attached import AttachedFile
from conversations.events import Reminder
from conversations.models import Conversation, Message
from kernel.ids import new_id
from outbox import selectors as outbox_selectors
from outbox import services as outbox
from outbox.kinds import Kind, PayloadT
from outbox.models import Lane
from outbox.services import Effect
from tenants.models import Tenant

# What has an order of its own beside the messages of a topic: it may be late, and holds up nothing
# but others of its sort.
Aside = Literal["title", "remind", "pin", "close", "files", "surplus"]
# The removal of a surplus topic outlives its conversation.
_OF_CONVERSATION: tuple[Aside | None, ...] = (None, "title", "remind", "pin", "close", "files")
_AboutTopic = TypeVar("_AboutTopic", bound=ForTopic)
# Telegram sends the items of an album together; several processes may take them.
_CAPTION_DELAY = timedelta(seconds=2)
# Telegram forgets a pressed button after some 15 seconds.
_BUTTON_TIMEOUT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Post:
    """A text for a conversation's topic, at most 4096 UTF-16 units; a file's caption, at most 1024.

    The first `bold_units` are bold, the last `quoted_units` a quote. `completes` is the customer's
    message that the agents have whole once this is posted.
    """

    text: str
    bold_units: int = 0
    quoted_units: int = 0
    code_from: int = 0
    keyboard: Keyboard | None = None
    is_pinned: bool = False
    completes: Message | None = None
    file: AttachedFile | None = None


def ordering_key(conversation_id: UUID, aside: Aside | None = None) -> str:
    """The order of what happens in a conversation's topic, or of what stands aside from it."""
    key = f"telegram:{conversation_id}"
    return f"{key}:{aside}" if aside else key


def keys_of(conversation_id: UUID) -> list[str]:
    """Every ordering key under which something about a conversation is enqueued."""
    return [ordering_key(conversation_id, aside) for aside in _OF_CONVERSATION]


def look_key(channel_id: UUID) -> str:
    """Looks at one channel come one after another."""
    return f"telegram:look:{channel_id}"


def _each_time(what: str) -> str:
    """An idempotency key for what is enqueued as often as it is asked for."""
    return f"telegram:{what}:{new_id()}"


def _in_group(
    kind: Kind[PayloadT],
    tenant: Tenant,
    payload: PayloadT,
    order: str,
    key: str,
    *,
    lane: Lane | None = None,
    not_before: datetime | None = None,
    bot: DecryptedChannel | None = None,
) -> Effect:
    """An effect that spends the budget of a bot in the tenant's group, else of the first one."""
    channel = bot or find_channel(tenant=tenant)
    return kind.effect(
        payload,
        ordering_key=order,
        idempotency_key=key,
        channel=NO_CHANNEL if channel is None else channel.outbox_channel,
        lane=lane,
        not_before=not_before,
    )


def _in_topic(
    kind: Kind[_AboutTopic],
    tenant: Tenant,
    payload: _AboutTopic,
    key: str,
    *,
    aside: Aside | None = None,
    lane: Lane | None = None,
) -> Effect:
    """An effect about the topic of a conversation."""
    order = ordering_key(payload.conversation, aside)
    bot = pool.find_bot_for(
        tenant=tenant,
        conversation_id=payload.conversation,
        ordering_keys=keys_of(payload.conversation),
    )
    return _in_group(kind, tenant, payload, order, key, lane=lane, bot=bot)


# --- posts -----------------------------------------------------------------------------------


def post(
    tenant: Tenant, conversation: Conversation, content: Post, *, idempotency_key: str, lane: Lane
) -> Effect:
    """A post in the topic."""
    completes = content.completes
    payload = TopicFile(
        conversation=conversation.pk,
        text=content.text,
        bold_units=content.bold_units,
        quoted_units=content.quoted_units,
        code_from=content.code_from,
        keyboard=content.keyboard,
        is_pinned=content.is_pinned,
        completes=None if completes is None else CompletedMessage(completes.pk, completes.seq),
        file=content.file,
    )
    if content.file is None:
        return _in_topic(kinds.POST, tenant, payload, idempotency_key, lane=lane)
    return _in_topic(kinds.POST_FILE, tenant, payload, idempotency_key, lane=lane)


def notice(
    tenant: Tenant, conversation: Conversation, content: Post, idempotency_key: str = ""
) -> Effect:
    """Something the bot tells the agents of a conversation in answer to what they did."""
    key = idempotency_key or _each_time("notice")
    return post(tenant, conversation, content, idempotency_key=key, lane=Lane.AGENT_ACTION)


def pin(
    tenant: Tenant, conversation_id: UUID, channel: DecryptedChannel, message_id: int, *, key: str
) -> Effect:
    """Pin a post that has been made there; `key` names its cause."""
    posted = _posted(conversation_id, channel, message_id)
    return _in_topic(kinds.PIN, tenant, posted, f"telegram:pin:{key}", aside="pin")


def _posted(conversation_id: UUID, channel: DecryptedChannel, message_id: int) -> PostedInTopic:
    return PostedInTopic(
        conversation=conversation_id,
        channel=channel.id,
        chat_id=channel.chat_id,
        message_id=message_id,
    )


def fetch_file(order: FileToFetch) -> Effect:
    """Fetch an agent's file; files of one conversation come in the order they were sent in.

    It costs none of the group's budget, and waits for no hold of it. An item of an album waits a
    little for the captions of the others, which may say that the album is not for the customer.
    """
    not_before = timezone.now() + _CAPTION_DELAY if order.album else None
    return kinds.FETCH_FILE.effect(
        order,
        ordering_key=ordering_key(order.conversation, "files"),
        idempotency_key=fetch_key(order.channel, order.chat_id, order.message_id),
        channel=files_channel(order.channel),
        not_before=not_before,
    )


def fetch_key(channel_id: UUID, chat_id: int, message_id: int) -> str:
    """The idempotency key of the file in an agent's message."""
    return f"telegram:fetch:{channel_id}:{chat_id}:{message_id}"


def change_caption(caption: Caption) -> Effect:
    """Other words for a file that is being fetched, which is shown with them; see `files`."""
    return kinds.CHANGE_CAPTION.effect(
        caption,
        ordering_key=ordering_key(caption.conversation, "files"),
        idempotency_key=_each_time("caption"),
        channel=files_channel(caption.channel),
    )


def post_in_general(tenant: Tenant, text: str, *, idempotency_key: str, is_silent: bool) -> Effect:
    """An answer in the group's root."""
    payload, order = GeneralPost(text=text, is_silent=is_silent), f"telegram:general:{tenant.pk}"
    return _in_group(kinds.POST_IN_GENERAL, tenant, payload, order, idempotency_key)


def hint_in_stray_topic(
    tenant: Tenant, topic: TopicId, text: str, *, is_silent: bool, not_before: datetime
) -> Effect:
    """Something the bot says in a topic of the group that belongs to no conversation.

    It does not expire: it is said once, and is true whenever it can be delivered.
    """
    order = f"telegram:stray:{topic.channel_id}:{topic.thread_id}"
    payload = StrayHint(
        channel=topic.channel_id,
        chat_id=topic.chat_id,
        thread_id=topic.thread_id,
        text=text,
        is_silent=is_silent,
    )
    kind, key = kinds.HINT_IN_STRAY_TOPIC, f"{order}:{new_id()}"[:120]
    return _in_group(kind, tenant, payload, order, key, not_before=not_before)


def answer_button(bot: DecryptedChannel, callback_query_id: str, text: str) -> Effect:
    """End the spinner of a button that this bot was told of; costs no budget, is soon pointless."""
    key = f"telegram:button:{callback_query_id}"[:120]
    return kinds.ANSWER_BUTTON.effect(
        ButtonAnswer(channel=bot.row_id, callback_query_id=callback_query_id, text=text),
        ordering_key=key[:80],
        idempotency_key=key,
        expires_at=timezone.now() + _BUTTON_TIMEOUT,
    )


# --- reminders -------------------------------------------------------------------------------


def remind(
    tenant: Tenant, conversation: Conversation, text: str, reminder: Reminder, *, is_pinned: bool
) -> Effect:
    """Remind the agents, unless it has become pointless before it could leave."""
    since, number = reminder.waiting_since, reminder.number
    payload = TopicReminder(
        conversation=conversation.pk,
        text=text,
        waiting_since=since,
        number=number,
        is_pinned=is_pinned,
    )
    key = f"telegram:remind:{conversation.pk}:{since.isoformat()}:{number}"
    return _in_topic(kinds.REMIND, tenant, payload, key, aside="remind")


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
    key = f"telegram:pin:{reminder.conversation}:{message_id}"
    return _in_topic(kinds.PIN_REMINDER, tenant, payload, key, aside="remind")


def unpin_reminder(tenant: Tenant, conversation: Conversation, message_id: int) -> list[Effect]:
    """Take the pin off a reminder in the group of now, after it was pinned; none without a group.

    It says where by itself: the tenant may have another group by then.
    """
    channel = find_channel(tenant=tenant)
    if channel is None:
        return []
    posted = _posted(conversation.pk, channel, message_id)
    key = f"telegram:unpin:{conversation.pk}:{channel.chat_id}:{message_id}"
    return [_in_topic(kinds.UNPIN_REMINDER, tenant, posted, key, aside="remind")]


# --- topics ----------------------------------------------------------------------------------


def open_topic(tenant: Tenant, conversation: Conversation, *, suffix: str = "") -> Effect:
    """The topic with its controls; enqueued once in a conversation's life.

    And once more for each `suffix`, where it has gone and no post is there that would make it.
    """
    key = f"telegram:topic:{conversation.pk}"
    about = ForTopic(conversation=conversation.pk)
    return _in_topic(kinds.OPEN_TOPIC, tenant, about, f"{key}:{suffix}" if suffix else key)


def sync_title(tenant: Tenant, conversation: Conversation) -> list[Effect]:
    """Bring the title up to date, unless an effect to do so is waiting already.

    The title is read when it is sent, so a waiting one covers this change too.
    """
    kind, order = kinds.SYNC_TITLE, ordering_key(conversation.pk, "title")
    if outbox.has_waiting(tenant=tenant, kind=kind.name, ordering_key=order):
        return []
    about = ForTopic(conversation=conversation.pk)
    return [_in_topic(kind, tenant, about, _each_time("title"), aside="title")]


def close_topic(tenant: Tenant, conversation: Conversation) -> Effect:
    """Close the topic."""
    about = ForTopic(conversation=conversation.pk)
    return _in_topic(kinds.CLOSE_TOPIC, tenant, about, _each_time("close"))


def is_closing(tenant: Tenant, conversation: Conversation) -> bool:
    """Whether a call that closes the topic waits or is being made."""
    return outbox_selectors.is_pending(
        tenant=tenant, kind=kinds.CLOSE_TOPIC.name, ordering_key=ordering_key(conversation.pk)
    )


def close_topic_later(tenant: Tenant, conversation: Conversation) -> Effect:
    """Close the topic when there is room, if the conversation is still closed by then.

    Apart from the topic's order, so that a customer who writes again is not kept waiting by it.
    """
    about = ForTopic(conversation=conversation.pk)
    return _in_topic(kinds.CLOSE_TOPIC_LATER, tenant, about, _each_time("close"), aside="close")


def reopen_topic(tenant: Tenant, conversation: Conversation) -> Effect:
    """Open the topic again."""
    about = ForTopic(conversation=conversation.pk)
    return _in_topic(kinds.REOPEN_TOPIC, tenant, about, _each_time("reopen"))


def delete_topic(
    tenant: Tenant, conversation_id: UUID, topic: TopicId, *, aside: Aside | None = None
) -> Effect:
    """Remove a topic. It says where by itself: the conversation will be gone by then."""
    payload = OfThread(channel=topic.channel_id, chat_id=topic.chat_id, thread_id=topic.thread_id)
    order = ordering_key(conversation_id, aside)
    key = f"telegram:delete:{conversation_id}:{topic.chat_id}:{topic.thread_id}"
    return _in_group(kinds.DELETE_TOPIC, tenant, payload, order, key)


# --- the channel -----------------------------------------------------------------------------


def set_up(channel_id: UUID) -> Effect:
    """Tell Telegram where to send updates and which commands there are."""
    return kinds.SET_UP.effect(
        OfChannel(channel=channel_id),
        ordering_key=f"telegram:setup:{channel_id}",
        idempotency_key=_each_time("setup"),
    )


def look(channel_id: UUID) -> Effect:
    """Ask Telegram what the bot may do in the group; costs none of the group's budget."""
    return kinds.LOOK.effect(
        OfChannel(channel=channel_id),
        ordering_key=look_key(channel_id),
        idempotency_key=_each_time("look"),
    )
