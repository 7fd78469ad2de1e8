"""The topic of a conversation: made once, made anew when it was deleted."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from channels_telegram import hot_rows, notices, promises, texts, trials
from channels_telegram.channels import OpenChannel, find_channel
from channels_telegram.errors import NoChannel, ThreadInUse
from channels_telegram.models import Topic
from conversations import selectors, services
from conversations.errors import ConversationNotFound
from conversations.models import Conversation
from conversations.services.trail import note_change
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
class Place:
    """Where a conversation's posts go, as of one look at the database."""

    channel: OpenChannel | None
    conversation_id: UUID
    thread_id: int | None
    title: str
    shown_title: str
    controls_message_id: int | None
    is_closed: bool
    is_silent: bool


def look_up_place(*, tenant_id: UUID, conversation_id: UUID) -> Place | None:
    """Where the posts of a conversation go now; None when it is gone."""
    with tenant_scope(tenant_id) as tenant:
        channel = find_channel(tenant=tenant)
        shown = hot_rows.find_shown(tenant_id=tenant_id, conversation_id=conversation_id)
        if shown is None:
            return None
        row = shown.conversation
        is_here = channel is not None and row.channel_id == channel.id
        return Place(
            channel=channel,
            conversation_id=conversation_id,
            thread_id=row.thread_id if is_here else None,
            title=texts.topic_title(row),
            shown_title=shown.title,
            controls_message_id=shown.controls_message_id,
            is_closed=shown.is_closed,
            is_silent=texts.is_silent(tenant),
        )


def remember_topic(
    *, tenant_id: UUID, conversation_id: UUID, channel_id: UUID, thread_id: int, title: str
) -> None:
    """Note that Telegram has made a topic for the conversation.

    Raises ConversationNotFound when that was deleted meanwhile; its topic then goes as well.
    """
    with tenant_scope(tenant_id) as tenant:
        conversation = (
            Conversation.objects.select_for_update()
            .filter(tenant=tenant, pk=conversation_id)
            .first()
        )
        if conversation is None:
            _give_back(tenant, conversation_id, channel_id, thread_id)
        elif conversation.channel_id == channel_id and conversation.thread_id is not None:
            if conversation.thread_id != thread_id:
                logger.warning("topic_made_twice", thread_id=thread_id)
        else:
            _bind(tenant, conversation, channel_id, thread_id, title)
    if conversation is None:
        raise ConversationNotFound(conversation_id=conversation_id)


def _give_back(tenant: Tenant, conversation_id: UUID, channel_id: UUID, thread_id: int) -> None:
    channel = find_channel(tenant=tenant)
    if channel is not None and channel.id == channel_id:
        unwanted = promises.delete_topic(
            tenant,
            conversation_id,
            channel_id=channel_id,
            chat_id=channel.chat_id,
            thread_id=thread_id,
        )
        outbox.enqueue(tenant=tenant, promises=[unwanted])


def recognise_topic(*, tenant: Tenant, channel_id: UUID, thread_id: int, title: str) -> None:
    """Telegram tells everybody in the group, us too, that our bot has made a topic.

    This may come before the answer to the call that made it, or instead of it when the worker died
    waiting: an agent who writes there at once is heard, and no second topic is made.
    """
    candidates = selectors.list_without_thread(tenant=tenant, codename=texts.codename_in(title))
    ids = list(candidates.values_list("pk", flat=True)[:2])
    if not ids:
        _remove_trial(tenant, channel_id, thread_id, title)
    if len(ids) != 1:
        return
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=ids[0])
    if conversation.thread_id is None and texts.topic_title(conversation) == title:
        _bind(tenant, conversation, channel_id, thread_id, title)


def _remove_trial(tenant: Tenant, channel_id: UUID, thread_id: int, title: str) -> None:
    """Whoever made it for a health check may not know of it, or may be no more."""
    trial_id, channel = trials.trial_in(title), find_channel(tenant=tenant)
    if trial_id is None or channel is None or channel.id != channel_id:
        return
    shown = selectors.find_conversation_of_thread(
        tenant=tenant, channel_id=channel_id, thread_id=thread_id
    )
    if shown is None:
        trials.promise_removal(
            tenant=tenant, channel=channel, trial_id=trial_id, thread_id=thread_id
        )


def _begin_topic(tenant: Tenant, conversation: Conversation, title: str) -> None:
    """Note a topic of which nothing is known yet, and in which nothing was said yet."""
    Topic.objects.update_or_create(
        tenant=tenant,
        conversation=conversation,
        defaults=_NOTHING_SHOWN | {"title": title},
    )
    notices.forget_notices(tenant=tenant, conversation=conversation)


def _bind(
    tenant: Tenant, conversation: Conversation, channel_id: UUID, thread_id: int, title: str
) -> None:
    services.bind_thread(
        tenant=tenant, conversation=conversation, channel_id=channel_id, thread_id=thread_id
    )
    _begin_topic(tenant, conversation, title)
    if texts.topic_title(conversation) != title:
        # Renamed while Telegram was making the topic, when there was no title to change yet.
        outbox.enqueue(tenant=tenant, promises=promises.sync_title(tenant, conversation))


def attach_topic(*, tenant: Tenant, conversation_id: UUID, thread_id: int, actor: Actor) -> None:
    """Show the conversation in an existing topic of the tenant's group from now on.

    It gets the conversation's title, and controls before the next post. An earlier topic stays in
    Telegram without a meaning. One that Telegram does not know is replaced by a new one when
    something is posted. Raises ConversationNotFound, NoChannel, ThreadInUse.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    channel = find_channel(tenant=tenant)
    if channel is None:
        raise NoChannel(tenant_id=tenant.pk)
    previous = conversation.thread_id
    if (conversation.channel_id, previous) == (channel.id, thread_id):
        return
    try:
        # The unique constraint decides between two who want the same topic.
        with transaction.atomic():
            services.bind_thread(
                tenant=tenant, conversation=conversation, channel_id=channel.id, thread_id=thread_id
            )
    except IntegrityError:
        raise ThreadInUse(conversation_id=conversation_id) from None
    _begin_topic(tenant, conversation, "")
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="thread_set",
        changes={"thread_id": [previous, thread_id]},
    )
    shown = promises.Post(text=texts.attached(conversation.title))
    outbox.enqueue(
        tenant=tenant,
        promises=[
            promises.notice(tenant, conversation, shown),
            *promises.sync_title(tenant, conversation),
        ],
    )


def remember_controls(*, tenant_id: UUID, conversation_id: UUID, message_id: int) -> None:
    """Note that the topic has its controls."""
    with tenant_scope(tenant_id) as tenant:
        Topic.objects.update_or_create(
            tenant=tenant,
            conversation_id=conversation_id,
            defaults={"controls_message_id": message_id},
        )


def forget_topic(*, tenant_id: UUID, conversation_id: UUID, thread_id: int) -> None:
    """Telegram has lost this topic: the next post makes another one."""
    with tenant_scope(tenant_id) as tenant:
        conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
        unbind_topic(tenant=tenant, conversation=conversation, thread_id=thread_id)


def unbind_topic(*, tenant: Tenant, conversation: Conversation, thread_id: int) -> None:
    """The same in the running transaction, which holds the conversation's lock."""
    if conversation.thread_id == thread_id and conversation.channel_id is not None:
        services.bind_thread(
            tenant=tenant,
            conversation=conversation,
            channel_id=conversation.channel_id,
            thread_id=None,
        )
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
    update_topic(tenant=tenant, conversation_id=conversation.pk, pinned_reminder_id=None)
    return topic.pinned_reminder_id


def update_topic(*, tenant: Tenant, conversation_id: UUID, **changes: object) -> None:
    """Note what Telegram shows now (`title`, `is_closed`)."""
    Topic.objects.filter(tenant=tenant, conversation_id=conversation_id).update(**changes)
