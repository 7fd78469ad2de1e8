"""What happens in Telegram when something happens to a conversation. Only rows are written here."""

import re
from dataclasses import replace

from channels_telegram import texts
from channels_telegram.channel_status import status_of, with_status
from channels_telegram.channels import find_channel
from channels_telegram.models import TelegramChannel, Topic
from channels_telegram.outgoing import effects
from channels_telegram.outgoing.effects import Post
from channels_telegram.setting_keys import TOPIC_ON
from channels_telegram.topics import topic_records
from channels_telegram.updates import ANONYMOUS_ADMIN_ID
from conversations import selectors
from conversations.attached import files_of
from conversations.channels import Capabilities, ChannelStatus
from conversations.events import (
    AgentsNotified,
    ConversationBlocked,
    ConversationClaimed,
    ConversationClosed,
    ConversationEvent,
    ConversationReopened,
    ConversationsDeleted,
    ConversationStarted,
    MessageAdded,
    RemarkAdded,
    TitleChanged,
)
from conversations.models import Direction
from conversations.services.lifecycle import AUTO_CLOSE
from conversations.services.messaging import agent_actor
from kernel.errors import InvalidParameter
from kernel.text import split_utf16, utf16_length
from outbox import services as outbox
from outbox.models import Lane
from outbox.services import Effect
from tenants.audit import Actor, ActorKind
from tenants.models import Tenant

_USER_ID = re.compile(r"[1-9][0-9]{0,15}")


class Telegram:
    """Telegram as a channel: a topic per conversation in the tenant's group."""

    code = "telegram"
    capabilities = Capabilities(edits=True, threads=True, pins=True)
    shared_user_ids = frozenset({str(ANONYMOUS_ADMIN_ID)})

    def require_user_id(self, user_id: str) -> None:
        """A Telegram user's id is a number."""
        if not _USER_ID.fullmatch(user_id):
            sentence = "Use a Telegram user's id, such as 123456789."
            raise InvalidParameter(
                f"channel_user_id: {sentence}", details={"channel_user_id": [sentence]}
            )

    def serves(self, tenant: Tenant) -> bool:
        """Every tenant: what has no group yet waits for one."""
        return True

    def status(self, *, tenant: Tenant) -> ChannelStatus:
        """Read with the channel's row, its hold and its outbox items."""
        rows = TelegramChannel.objects.filter(tenant=tenant, is_active=True)
        return status_of(with_status(rows).order_by("created_at").first())

    def on_started(self, event: ConversationStarted) -> None:
        """Some tenants want a topic before anything is said."""
        if event.tenant.setting(TOPIC_ON) == "start":
            _enqueue(event, effects.open_topic(event.tenant, event.conversation))

    def on_message(self, event: MessageAdded) -> None:
        """Agents see what the customer wrote, and what was answered outside of the topic."""
        if event.message.direction == Direction.INBOUND:
            label = f"{texts.customer_label(event.conversation)}:"
            _enqueue(event, *_topic_for(event), *_posts(event, label, Lane.CUSTOMER_MESSAGE))
        elif event.is_news_to_agents:
            label = texts.answered_elsewhere(
                selectors.agent_label(tenant=event.tenant, message=event.message)
            )
            _enqueue(event, *_posts(event, label, Lane.AGENT_ACTION))

    def on_remark(self, event: RemarkAdded) -> None:
        """Colleagues read in the topic what was remarked elsewhere, once there is a topic."""
        if event.conversation.thread_id is not None:
            label = texts.remarked_elsewhere(event.remark.agent)
            pieces = split_utf16(f"{label} {texts.seen(event.remark.text)}", texts.MAX_POST)
            notices = (
                effects.notice(event.tenant, event.conversation, Post(text=piece))
                for piece in pieces
            )
            _enqueue(event, *notices)

    def on_agents_notified(self, event: AgentsNotified) -> None:
        """A system message that a tenant wants its agents to see."""
        tenant, conversation, is_pinned = event.tenant, event.conversation, event.is_pinned
        if event.reminder is None:
            content = Post(text=event.text, is_pinned=is_pinned)
            _enqueue(event, effects.notice(tenant, conversation, content))
        else:
            effect = effects.remind(
                tenant, conversation, event.text, event.reminder, is_pinned=is_pinned
            )
            _enqueue(event, effect)

    def on_claimed(self, event: ConversationClaimed) -> None:
        """The topic says who answers; no reminder is needed any more."""
        giver = ""
        if event.actor != agent_actor(event.agent):
            giver = _name_of(event.tenant, event.actor)
        told = texts.claimed(event.agent, event.previous)
        _notice(event, texts.handed_over(giver, event.agent) if giver else told)
        _take_reminder_down(event)

    def on_closed(self, event: ConversationClosed) -> None:
        """The topic is closed with it."""
        _close_topic(event)
        _take_reminder_down(event)

    def on_reopened(self, event: ConversationReopened) -> None:
        """Open the topic when an agent or admin reopens, unless that was done in Telegram itself.

        A customer's message does so by itself.
        """
        if event.actor.kind == ActorKind.CUSTOMER or event.conversation.thread_id is None:
            return
        # In this order: what closes a topic is over when it is noted as closed.
        is_closed = effects.is_closing(event.tenant, event.conversation) or _is_closed_there(event)
        if event.actor.kind != ActorKind.AGENT or is_closed:
            _enqueue(event, effects.reopen_topic(event.tenant, event.conversation))

    def on_blocked(self, event: ConversationBlocked) -> None:
        """The topic says why the customer is silent."""
        _take_reminder_down(event)
        if event.conversation.thread_id is not None:
            _notice(event, texts.BLOCKED_NOW)

    def on_deleted(self, event: ConversationsDeleted) -> None:
        """Nothing more is posted about them, and their topics go."""
        tenant = event.tenant
        keys = [key for row in event.conversations for key in effects.keys_of(row.pk)]
        # Enough for a running attempt to notice that its conversation, or its reminder's wait, is
        # over.
        kept = {"conversation", "waiting_since", "number", "is_pinned"}
        kept |= {"channel", "chat_id", "message_id", "thread_id", "agent"}
        outbox.forget(tenant=tenant, ordering_keys=keys, kept_of_running=kept)
        channel = find_channel(tenant=tenant)
        if channel is None:
            return
        removals = [
            effects.delete_topic(
                tenant, conversation.pk, channel.topic(int(conversation.thread_id))
            )
            for conversation in event.conversations
            if conversation.thread_id is not None and conversation.channel_id == channel.id
        ]
        _enqueue(event, *removals)

    def on_title_changed(self, event: TitleChanged) -> None:
        """Show the new name, codename or note mark, once there is a topic to show it."""
        if event.conversation.thread_id is not None:
            _enqueue(event, *effects.sync_title(event.tenant, event.conversation))


def _enqueue(event: ConversationEvent | ConversationsDeleted, *wanted: Effect) -> None:
    if wanted:
        outbox.enqueue(tenant=event.tenant, effects=list(wanted))


def _notice(event: ConversationEvent, text: str) -> None:
    _enqueue(event, effects.notice(event.tenant, event.conversation, Post(text=text)))


def _topic_for(event: MessageAdded) -> list[Effect]:
    """What a customer's message needs before it can be posted."""
    tenant, conversation = event.tenant, event.conversation
    if conversation.thread_id is None:
        return [effects.open_topic(tenant, conversation)]
    return [effects.reopen_topic(tenant, conversation)] if event.has_reopened else []


def _posts(event: MessageAdded, label: str, lane: Lane) -> list[Effect]:
    """`label text`, in as many posts as its length needs; of a message with files, theirs first.

    Everything but the line with the label is a quote: it must not look like a line with a label.
    """
    message = event.message
    files = files_of(message)
    words = f"{label} {texts.seen(message.text)}" if message.text or not files else label
    contents = [Post(text=label, file=file) for file in files]
    if files and utf16_length(words) <= texts.MAX_CAPTION:
        contents[0] = replace(contents[0], text=words, quoted_units=_units_below(words))
    else:
        first, *others = split_utf16(words, texts.MAX_POST)
        contents.append(Post(text=first, quoted_units=_units_below(first)))
        contents += [Post(text=piece, quoted_units=utf16_length(piece)) for piece in others]
    contents[0] = replace(contents[0], bold_units=utf16_length(label))
    if message.direction == Direction.INBOUND:
        # The controls are far up by now: who reads this can claim right here.
        keyboard = texts.controls_keyboard(event.conversation.pk) if event.has_reopened else None
        contents[-1] = replace(contents[-1], keyboard=keyboard, completes=message)
    return [
        effects.post(
            event.tenant,
            event.conversation,
            content,
            idempotency_key=f"telegram:message:{message.pk}:{number}",
            lane=lane,
        )
        for number, content in enumerate(contents, start=1)
    ]


def _units_below(text: str) -> int:
    """How much of a text comes after its first line, wherever some client may break lines."""
    return utf16_length("".join(text.splitlines(keepends=True)[1:]))


def _take_reminder_down(
    event: ConversationClaimed | ConversationClosed | ConversationBlocked,
) -> None:
    """Nobody has to be reminded any more: the pin goes."""
    tenant, conversation = event.tenant, event.conversation
    message_id = topic_records.take_pinned_reminder(tenant=tenant, conversation=conversation)
    if message_id is not None:
        _enqueue(event, *effects.unpin_reminder(tenant, conversation, message_id))


def _close_topic(event: ConversationClosed) -> None:
    """Say who closed it and close the topic, unless it was closed in Telegram itself.

    What closes by itself may come in thousands: those topics are closed when there is room.
    """
    tenant, conversation = event.tenant, event.conversation
    if _is_closed_there(event):
        return
    if event.actor == AUTO_CLOSE:
        _enqueue(event, effects.close_topic_later(tenant, conversation))
        return
    said = Post(text=texts.closed_by(_name_of(tenant, event.actor)))
    _enqueue(
        event,
        effects.notice(tenant, conversation, said),
        effects.close_topic(tenant, conversation),
    )


def _is_closed_there(event: ConversationClosed | ConversationReopened) -> bool:
    if event.conversation.thread_id is None:
        return True
    return Topic.objects.filter(
        tenant=event.tenant, conversation=event.conversation, is_closed=True
    ).exists()


def _name_of(tenant: Tenant, actor: Actor) -> str:
    if actor.kind != ActorKind.AGENT or not actor.id:
        return ""
    agent = selectors.find_agent(tenant=tenant, channel_user_id=actor.id)
    return agent.internal_name if agent is not None else ""
