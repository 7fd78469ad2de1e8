"""The topic of a conversation: made once, made anew when it was deleted."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from channels_telegram import pool, sql, texts
from channels_telegram.channels import DecryptedChannel, TopicId, find_channel, find_spender
from channels_telegram.errors import NoChannel, ThreadInUse
from channels_telegram.models import Topic
from channels_telegram.outgoing import effects, notices
from channels_telegram.topics import former_topics, health_check_topics
from channels_telegram.visitor_posts import VisitorPost, visitor_post
from conversations import selectors, services
from conversations.errors import ConversationNotFound
from conversations.models import Conversation
from conversations.services.audit_entries import note_change
from conversations.visitors.selectors import find_visitor
from kernel.clock import now_ms
from outbox import services as outbox
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)

# What a topic begins with: whatever another one has had is not in it.
_NOTHING_SHOWN: dict[str, object] = {
    "title": "",
    "controls_message_id": None,
    "is_closed": False,
    "pinned_reminder_id": None,
}


@dataclass(frozen=True, slots=True)
class TopicTarget:
    """Where a conversation's posts go, as of one look at the database."""

    channel: DecryptedChannel | None
    conversation_id: UUID
    thread_id: int | None
    title: str
    shown_title: str
    controls_message_id: int | None
    is_closed: bool
    is_silent: bool

    @property
    def topic(self) -> TopicId | None:
        """The topic that is looked at; None without one."""
        if self.channel is None or self.thread_id is None:
            return None
        return self.channel.topic(self.thread_id)


def find_target(
    *, tenant_id: UUID, conversation_id: UUID, outbox_channel: str
) -> TopicTarget | None:
    """Where the posts of a conversation go now; None when it is gone.

    They are made by the bot whose budget the outbox's channel is.
    """
    with tenant_scope(tenant_id) as tenant:
        channel = find_spender(tenant=tenant, outbox_channel=outbox_channel)
        shown = sql.find_shown(tenant_id=tenant_id, conversation_id=conversation_id)
        if shown is None:
            return None
        row = shown.conversation
        is_here = channel is not None and (row.channel_id, shown.chat_id) == (
            channel.id,
            channel.chat_id,
        )
        controls_message_id = shown.controls_message_id
        if channel is not None and not pool.has_live_buttons(tenant, shown.bot_id, channel):
            controls_message_id = None
        return TopicTarget(
            channel=channel,
            conversation_id=conversation_id,
            thread_id=int(row.thread_id) if is_here and row.thread_id else None,
            title=texts.topic_title(row),
            shown_title=shown.title,
            controls_message_id=controls_message_id,
            is_closed=shown.is_closed,
            is_silent=texts.is_silent(tenant),
        )


def read_visitor_post(target: TopicTarget) -> VisitorPost:
    """What the conversation's topic says about its visitor; raises ConversationNotFound."""
    assert target.channel is not None
    with tenant_scope(target.channel.tenant_id) as tenant:
        conversation = selectors.get_conversation(
            tenant=tenant, conversation_id=target.conversation_id
        )
        visitor = find_visitor(conversation=conversation)
        return visitor_post(visitor, conversation, now=now_ms())


def remember_topic(
    *, tenant_id: UUID, conversation_id: UUID, topic: TopicId, title: str, bot_id: int
) -> bool:
    """Note that this bot has made a topic for the conversation; False when it has another one.

    A topic in a group that was upgraded meanwhile has its meaning for what agents write there; one
    too many is removed as well. Raises ConversationNotFound when the conversation was deleted
    meanwhile; its topic then goes.
    """
    with tenant_scope(tenant_id) as tenant:
        chat_id = sql.hold_group(tenant_id=tenant_id, channel_id=topic.channel_id)
        conversation = (
            Conversation.objects.select_for_update()
            .filter(tenant=tenant, pk=conversation_id)
            .first()
        )
        is_bound = False
        if conversation is None:
            removal = effects.delete_topic(tenant, conversation_id, topic)
            outbox.enqueue(tenant=tenant, effects=[removal])
        elif chat_id != topic.chat_id:
            is_kept = former_topics.keep_of_former_group(
                tenant=tenant, conversation=conversation, topic=topic
            )
            logger.warning("topic_made_in_former_group", is_kept=is_kept)
        elif conversation.channel_id != topic.channel_id or conversation.thread_id is None:
            _bind(tenant, conversation, topic, title, bot_id)
            is_bound = True
        else:
            is_bound = conversation.thread_id == topic.name
            if not is_bound:
                logger.warning("topic_made_twice", thread_id=topic.thread_id)
                former_topics.keep(tenant=tenant, conversation=conversation, topic=topic)
                surplus = effects.delete_topic(tenant, conversation_id, topic, aside="surplus")
                outbox.enqueue(tenant=tenant, effects=[surplus])
    if conversation is None:
        raise ConversationNotFound(conversation_id=conversation_id)
    return is_bound


def recognise_topic(*, tenant: Tenant, topic: TopicId, title: str, bot_id: int) -> None:
    """Telegram tells everybody in the group, us too, that a bot of ours has made a topic.

    This may come before the answer to the call that made it, or instead of it when the worker died
    waiting: an agent who writes there at once is heard, and no second topic is made.
    """
    is_here = sql.hold_group(tenant_id=tenant.pk, channel_id=topic.channel_id) == topic.chat_id
    candidates = selectors.list_without_thread(tenant=tenant, codename=texts.codename_in(title))
    ids = list(candidates.values_list("pk", flat=True)[:2])
    if not ids and is_here:
        _remove_trial(tenant, topic, title)
    if len(ids) != 1:
        return
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=ids[0])
    if conversation.thread_id is not None or texts.topic_title(conversation) != title:
        return
    if is_here:
        _bind(tenant, conversation, topic, title, bot_id)
    else:
        former_topics.keep_of_former_group(tenant=tenant, conversation=conversation, topic=topic)


def _remove_trial(tenant: Tenant, topic: TopicId, title: str) -> None:
    """The health check that made it may not know of it, or may have ended."""
    trial_id = health_check_topics.trial_in(title)
    if trial_id is None:
        return
    if sql.find_of_topic(tenant_id=tenant.pk, topic=topic) is None:
        health_check_topics.enqueue_removal(tenant=tenant, trial_id=trial_id, topic=topic)


def _begin_topic(
    tenant: Tenant,
    conversation: Conversation,
    topic: TopicId,
    title: str,
    *,
    bot_id: int | None = None,
) -> None:
    """Note a topic of which nothing is known yet, and in which nothing was said yet.

    It is this bot's, else that of the bot that shows the conversation anyway.
    """
    identity = {"chat_id": topic.chat_id, "thread_id": topic.thread_id, "title": title}
    if bot_id is not None:
        identity["bot_id"] = bot_id
    Topic.objects.update_or_create(
        tenant=tenant, conversation=conversation, defaults=_NOTHING_SHOWN | identity
    )
    notices.forget_notices(tenant=tenant, conversation=conversation)


def _bind(
    tenant: Tenant, conversation: Conversation, topic: TopicId, title: str, bot_id: int
) -> None:
    """The running transaction holds the group and the conversation."""
    services.bind_thread(
        tenant=tenant,
        conversation=conversation,
        channel_id=topic.channel_id,
        thread_id=topic.name,
    )
    _begin_topic(tenant, conversation, topic, title, bot_id=bot_id)
    if texts.topic_title(conversation) != title:
        # Renamed while Telegram was making the topic, when there was no title to change yet.
        outbox.enqueue(tenant=tenant, effects=effects.sync_title(tenant, conversation))


def attach_topic(*, tenant: Tenant, conversation_id: UUID, thread_id: int, actor: Actor) -> None:
    """Show the conversation in an existing topic of the tenant's group from now on.

    It gets the conversation's title, and controls before the next post. An earlier topic stays in
    Telegram without a meaning. One that Telegram does not know is replaced by a new one when
    something is posted. Raises ConversationNotFound, NoChannel, ThreadInUse.
    """
    # Before the group, which is locked first: who asks about a foreign one learns nothing of ours.
    selectors.get_conversation(tenant=tenant, conversation_id=conversation_id)
    channel = find_channel(tenant=tenant)
    if channel is None:
        raise NoChannel(tenant_id=tenant.pk)
    chat_id = sql.hold_group(tenant_id=tenant.pk, channel_id=channel.id)
    if chat_id is None:
        raise NoChannel(tenant_id=tenant.pk)
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    previous, topic = conversation.thread_id, TopicId(channel.id, chat_id, thread_id)
    if (conversation.channel_id, previous) == (channel.id, topic.name):
        return
    if conversation.channel_id == channel.id and previous is not None:
        left = TopicId(channel.id, chat_id, int(previous))
        former_topics.keep(tenant=tenant, conversation=conversation, topic=left)
    try:
        # The unique constraint decides between two who want the same topic.
        with transaction.atomic():
            services.bind_thread(
                tenant=tenant,
                conversation=conversation,
                channel_id=channel.id,
                thread_id=topic.name,
            )
    except IntegrityError:
        raise ThreadInUse(conversation_id=conversation_id) from None
    _begin_topic(tenant, conversation, topic, "")
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="thread_set",
        changes={"thread_id": [previous, topic.name]},
    )
    shown = effects.Post(text=texts.attached(conversation.title))
    outbox.enqueue(
        tenant=tenant,
        effects=[
            effects.notice(tenant, conversation, shown),
            *effects.sync_title(tenant, conversation),
        ],
    )


def forget_topic(*, tenant_id: UUID, conversation_id: UUID, topic: TopicId) -> None:
    """Telegram has lost this topic: the next post makes another one."""
    with tenant_scope(tenant_id) as tenant:
        conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
        unbind_topic(tenant=tenant, conversation=conversation, topic=topic)


def unbind_topic(*, tenant: Tenant, conversation: Conversation, topic: TopicId) -> None:
    """The same in the running transaction, which holds the conversation's lock.

    Nothing happens when the conversation has another topic by now.
    """
    nothing = _NOTHING_SHOWN | {"chat_id": None, "thread_id": None}
    is_its = (conversation.channel_id, conversation.thread_id) == (topic.channel_id, topic.name)
    if is_its and update_topic(
        tenant=tenant, conversation_id=conversation.pk, topic=topic, **nothing
    ):
        services.bind_thread(
            tenant=tenant,
            conversation=conversation,
            channel_id=topic.channel_id,
            thread_id=None,
        )
        former_topics.keep(tenant=tenant, conversation=conversation, topic=topic)
    logger.warning("topic_gone", conversation_id=str(conversation.pk))


def take_pinned_reminder(*, tenant: Tenant, conversation: Conversation) -> int | None:
    """The reminder that is pinned, which counts as unpinned from now on; None without one.

    The running transaction holds the conversation's lock, as wherever the pin is noted.
    """
    topic = Topic.objects.filter(
        tenant=tenant, conversation=conversation, pinned_reminder_id__isnull=False
    ).first()
    if topic is None:
        return None
    Topic.objects.filter(tenant=tenant, pk=topic.pk).update(pinned_reminder_id=None)
    return topic.pinned_reminder_id


def note_pinned_reminder(
    *, tenant: Tenant, conversation: Conversation, chat_id: int, message_id: int
) -> None:
    """A reminder in this group is pinned, or about to be."""
    Topic.objects.filter(tenant=tenant, conversation=conversation, chat_id=chat_id).update(
        pinned_reminder_id=message_id
    )


def update_topic(
    *, tenant: Tenant, conversation_id: UUID, topic: TopicId, **changes: object
) -> bool:
    """Note what Telegram shows of this topic; False when the conversation has another one now."""
    shown = Topic.objects.filter(
        tenant=tenant,
        conversation_id=conversation_id,
        chat_id=topic.chat_id,
        thread_id=topic.thread_id,
    )
    return bool(shown.update(**changes))


def note_shown(target: TopicTarget, **changes: object) -> bool:
    """The same for the topic that a delivery has looked at, outside of any scope."""
    assert target.channel is not None
    assert target.topic is not None
    with tenant_scope(target.channel.tenant_id) as tenant:
        return update_topic(
            tenant=tenant,
            conversation_id=target.conversation_id,
            topic=target.topic,
            **changes,
        )
