"""What happens in Telegram when something happens to a conversation. Only rows are written here."""

import re

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
from conversations.channels import Capabilities, ChannelStatus
from conversations.events import (
    AgentsNotified,
    ConversationBlocked,
    ConversationClaimed,
    ConversationClosed,
    ConversationReopened,
    ConversationsDeleted,
    ConversationStarted,
    MessageAdded,
    TitleChanged,
)
from conversations.models import Direction
from conversations.services.lifecycle import AUTO_CLOSE
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
        open_topic_at_start(event)

    def on_message(self, event: MessageAdded) -> None:
        """Agents see what the customer wrote, and what was answered outside of the topic."""
        post_customer_message(event)
        post_reply_from_elsewhere(event)

    def on_agents_notified(self, event: AgentsNotified) -> None:
        """A post in the topic."""
        post_system_note(event)

    def on_claimed(self, event: ConversationClaimed) -> None:
        """The topic says who answers; no reminder is needed any more."""
        tell_who_has_it(event)
        take_reminder_down(event)

    def on_closed(self, event: ConversationClosed) -> None:
        """The topic is closed with it."""
        close_topic(event)
        take_reminder_down(event)

    def on_reopened(self, event: ConversationReopened) -> None:
        """The topic is opened with it."""
        reopen_topic(event)

    def on_blocked(self, event: ConversationBlocked) -> None:
        """The topic says why the customer is silent."""
        take_reminder_down(event)
        tell_it_is_blocked(event)

    def on_deleted(self, event: ConversationsDeleted) -> None:
        """Their topics go."""
        delete_topics(event)

    def on_title_changed(self, event: TitleChanged) -> None:
        """The topic's title follows."""
        sync_title(event)


def open_topic_at_start(event: ConversationStarted) -> None:
    """Only for tenants that want a topic before anything is said."""
    if event.tenant.setting(TOPIC_ON) == "start":
        outbox.enqueue(
            tenant=event.tenant, effects=[effects.open_topic(event.tenant, event.conversation)]
        )


def post_customer_message(event: MessageAdded) -> None:
    """`Label: text`, in as many posts as its length needs, after the topic that it belongs to."""
    if event.message.direction != Direction.INBOUND:
        return
    tenant, conversation, message = event.tenant, event.conversation, event.message
    promised: list[Effect] = []
    if conversation.thread_id is None:
        promised.append(effects.open_topic(tenant, conversation))
    if event.has_reopened and conversation.thread_id is not None:
        promised.append(effects.reopen_topic(tenant, conversation))
    label = f"{conversation.customer_label}:"
    pieces = split_utf16(f"{label} {texts.seen(message.text)}", texts.MAX_POST)
    for number, piece in enumerate(pieces, start=1):
        is_first, is_last = number == 1, number == len(pieces)
        content = Post(
            text=piece,
            bold_units=utf16_length(label) if is_first else 0,
            # The controls are far up by now: who reads this can claim right here.
            keyboard=(
                texts.controls_keyboard(conversation.pk) if event.has_reopened and is_last else None
            ),
            completes=message if is_last else None,
        )
        promised.append(
            effects.post(
                tenant,
                conversation,
                content,
                once=f"telegram:message:{message.pk}:{number}",
                lane=Lane.CUSTOMER_MESSAGE,
            )
        )
    outbox.enqueue(tenant=tenant, effects=promised)


def post_reply_from_elsewhere(event: MessageAdded) -> None:
    """Agents see in the topic what was answered outside of it, and under which name."""
    if not event.is_news_to_agents:
        return
    label = texts.answered_elsewhere(
        selectors.agent_label(tenant=event.tenant, message=event.message)
    )
    pieces = split_utf16(f"{label} {texts.seen(event.message.text)}", texts.MAX_POST)
    promised = [
        effects.post(
            event.tenant,
            event.conversation,
            Post(text=piece, bold_units=utf16_length(label) if number == 1 else 0),
            once=f"telegram:message:{event.message.pk}:{number}",
            lane=Lane.AGENT_ACTION,
        )
        for number, piece in enumerate(pieces, start=1)
    ]
    outbox.enqueue(tenant=event.tenant, effects=promised)


def post_system_note(event: AgentsNotified) -> None:
    """A system message that a tenant wants its agents to see."""
    if event.reminder is None:
        _notice(event.tenant, event, Post(text=event.text, is_pinned=event.is_pinned))
        return
    effect = effects.remind(
        event.tenant, event.conversation, event.text, event.reminder, is_pinned=event.is_pinned
    )
    outbox.enqueue(tenant=event.tenant, effects=[effect])


def tell_who_has_it(event: ConversationClaimed) -> None:
    """The topic says who answers now."""
    _notice(event.tenant, event, Post(text=texts.claimed(event.agent, event.previous)))


def take_reminder_down(
    event: ConversationClaimed | ConversationClosed | ConversationBlocked,
) -> None:
    """Nobody has to be reminded any more: the pin goes."""
    message_id = topic_records.take_pinned_reminder(
        tenant=event.tenant, conversation=event.conversation
    )
    if message_id is not None:
        promised = effects.unpin_reminder(event.tenant, event.conversation, message_id)
        outbox.enqueue(tenant=event.tenant, effects=promised)


def close_topic(event: ConversationClosed) -> None:
    """Say who closed it and close the topic, unless it was closed in Telegram itself.

    What closes by itself may come in thousands: those topics are closed when there is room.
    """
    if _is_closed_there(event):
        return
    if event.actor == AUTO_CLOSE:
        effect = effects.close_topic_later(event.tenant, event.conversation)
        outbox.enqueue(tenant=event.tenant, effects=[effect])
        return
    name = _name_of(event.tenant, event.actor)
    outbox.enqueue(
        tenant=event.tenant,
        effects=[
            effects.notice(event.tenant, event.conversation, Post(text=texts.closed_by(name))),
            effects.close_topic(event.tenant, event.conversation),
        ],
    )


def reopen_topic(event: ConversationReopened) -> None:
    """Open the topic when an agent or admin reopens, unless that was done in Telegram itself.

    A customer's message has promised it already.
    """
    if event.actor.kind == ActorKind.CUSTOMER or event.conversation.thread_id is None:
        return
    # In this order: what closes a topic is over when it is noted as closed.
    is_closed = effects.is_closing(event.tenant, event.conversation) or _is_closed_there(event)
    if event.actor.kind == ActorKind.AGENT and not is_closed:
        return
    outbox.enqueue(
        tenant=event.tenant, effects=[effects.reopen_topic(event.tenant, event.conversation)]
    )


def tell_it_is_blocked(event: ConversationBlocked) -> None:
    """Agents learn why the customer is silent."""
    if event.conversation.thread_id is not None:
        _notice(event.tenant, event, Post(text=texts.BLOCKED_NOW))


def delete_topics(event: ConversationsDeleted) -> None:
    """Nothing more is posted about them, and their topics go."""
    tenant = event.tenant
    keys = [key for row in event.conversations for key in effects.keys_of(row.pk)]
    # Enough for a running attempt to notice that its conversation, or its reminder's wait, is over.
    kept = {"conversation", "waiting_since", "number", "is_pinned"}
    kept |= {"channel", "chat_id", "message_id", "thread_id"}
    outbox.forget(tenant=tenant, ordering_keys=keys, kept_of_running=kept)
    channel = find_channel(tenant=tenant)
    if channel is None:
        return
    promised = [
        effects.delete_topic(tenant, conversation.pk, channel.topic(int(conversation.thread_id)))
        for conversation in event.conversations
        if conversation.thread_id is not None and conversation.channel_id == channel.id
    ]
    if promised:
        outbox.enqueue(tenant=tenant, effects=promised)


def sync_title(event: TitleChanged) -> None:
    """Show the new name, codename or note mark, once there is a topic to show it."""
    if event.conversation.thread_id is None:
        return
    promised = effects.sync_title(event.tenant, event.conversation)
    if promised:
        outbox.enqueue(tenant=event.tenant, effects=promised)


def _notice(
    tenant: Tenant,
    event: AgentsNotified | ConversationClaimed | ConversationBlocked,
    content: Post,
) -> None:
    outbox.enqueue(tenant=tenant, effects=[effects.notice(tenant, event.conversation, content)])


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
