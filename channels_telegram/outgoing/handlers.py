"""Delivering outbox items: handlers that call Telegram, and repair what can be repaired."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction

from channels_telegram import checking, services, sql, texts, watching
from channels_telegram.api_errors import AlreadySo, Refused, TooLate, TopicClosed, TopicGone
from channels_telegram.bot_api import BotApi, PostedMessage
from channels_telegram.channels import DecryptedChannel, find_bot, find_spender
from channels_telegram.inbound import strays
from channels_telegram.outgoing import effects, error_mapping, joining, kinds, topic_delivery
from channels_telegram.outgoing.error_mapping import handles
from channels_telegram.outgoing.joining import JoinedPost
from channels_telegram.outgoing.kinds import (
    ButtonAnswer,
    CompletedMessage,
    ForTopic,
    GeneralPost,
    OfChannel,
    OfThread,
    PostedInTopic,
    StrayHint,
    TopicPost,
)
from channels_telegram.outgoing.rate_limit import take_call
from channels_telegram.topics import topic_records
from channels_telegram.topics.topic_records import TopicTarget
from conversations import selectors
from conversations import services as conversation_services
from conversations.models import Status
from conversations.socket import realtime
from outbox import selectors as outbox_selectors
from outbox import services as outbox
from outbox.errors import Expired
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)


@handles(kinds.OPEN_TOPIC)
def open_topic(item: OutboxItem, payload: ForTopic) -> None:
    """Make the topic and its controls, as far as they are not there."""
    topic_delivery.in_topic(item, payload, lambda target: target)


@handles(kinds.POST)
def post(item: OutboxItem, payload: TopicPost) -> AfterDelivery | None:
    """Post a text in the conversation's topic, in a new one when the topic is gone."""
    joined = joining.join(item, payload)

    def send(target: TopicTarget) -> tuple[DecryptedChannel, PostedMessage]:
        return topic_delivery.channel_of(target), topic_delivery.send(
            target,
            joined.text,
            bold=joined.bold,
            quoted=joined.quoted,
            # Only customers' messages are joined, and they have none.
            code_from=payload.code_from,
            keyboard=payload.keyboard,
        )

    try:
        done = topic_delivery.in_topic(item, payload, send)
    except Refused as error:
        if not joined.taken_along:
            raise
        raise joining.refused_together(error) from error
    if done is None:
        return None
    if joined.completes:
        return lambda: _note_completed(item, payload.conversation, joined)
    return (lambda: _enqueue_pin(item, payload.conversation, *done)) if payload.is_pinned else None


def _note_completed(item: OutboxItem, conversation_id: UUID, joined: JoinedPost) -> None:
    if joined.taken_along:
        logger.info("messages_joined", count=len(joined.completes))
        with tenant_scope(item.tenant_id) as tenant:
            outbox.finish_with(tenant=tenant, item=item, others=joined.taken_along)
    note_delivered(item, conversation_id, joined.completes)


def note_delivered(
    item: OutboxItem, conversation_id: UUID, messages: Sequence[CompletedMessage]
) -> None:
    """The agents have what the customer wrote up to the last of these, and the customer is told.

    Neither is so where a post of it was given up.
    """
    if outbox_selectors.has_dead(tenant_id=item.tenant_id, ordering_key=item.ordering_key):
        return
    if not _note(item, conversation_id, messages, waits=False):
        # Whoever has the conversation locked may be waiting for the items of this transaction.
        later = partial(_note, item, conversation_id, messages, waits=True)
        transaction.on_commit(later, robust=True)


def _note(
    item: OutboxItem, conversation_id: UUID, messages: Sequence[CompletedMessage], *, waits: bool
) -> bool:
    with tenant_scope(item.tenant_id) as tenant:
        is_noted = conversation_services.note_delivered_to_agents(
            tenant=tenant, conversation_id=conversation_id, seq=messages[-1].seq, waits=waits
        )
        if is_noted:
            transaction.on_commit(partial(_push, item.tenant_id, conversation_id, messages))
    return is_noted


def _push(tenant_id: UUID, conversation_id: UUID, messages: Sequence[CompletedMessage]) -> None:
    for message in messages:
        realtime.push_delivered(
            tenant_id=tenant_id,
            conversation_id=conversation_id,
            message_id=str(message.id),
            seq=message.seq,
        )


def _enqueue_pin(
    item: OutboxItem, conversation_id: UUID, channel: DecryptedChannel, posted: PostedMessage
) -> None:
    with tenant_scope(item.tenant_id) as tenant:
        pin = effects.pin(tenant, conversation_id, channel, posted.message_id, key=f"{item.pk}")
        outbox.enqueue(tenant=tenant, effects=[pin])


@handles(kinds.PIN)
def pin(item: OutboxItem, payload: PostedInTopic) -> None:
    """Pin a post of ours."""
    topic_delivery.pin(topic_delivery.require_group(_channel(item), payload), payload)


@handles(kinds.SYNC_TITLE)
def sync_title(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Show the current title, if Telegram shows another one."""
    target = _target(item, payload)
    if target is None or target.thread_id is None or target.title == target.shown_title:
        return None
    channel = topic_delivery.channel_of(target)
    try:
        take_call(channel).edit_forum_topic(
            chat_id=channel.chat_id, thread_id=target.thread_id, name=target.title
        )
    except AlreadySo:
        logger.debug("title_already_shown")
    except TopicGone:
        # The next message makes a new topic, under the new title.
        return None
    return lambda: topic_records.note_shown(target, title=target.title)


@handles(kinds.CLOSE_TOPIC)
def close_topic(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Close the topic."""
    return _set_closed(item, payload, is_closed=True)


@handles(kinds.REOPEN_TOPIC)
def reopen_topic(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Open the topic again."""
    return _set_closed(item, payload, is_closed=False)


@handles(kinds.CLOSE_TOPIC_LATER)
def close_topic_later(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Close the topic of a conversation that nothing has opened again since.

    It may be opened again while Telegram is being called, and the call that opens the topic may
    even be the faster one: so we look once more, and undo it.
    """
    if not _is_still_closed(item, payload):
        raise Expired("the conversation is open again")
    noted = _set_closed(item, payload, is_closed=True)
    if _is_still_closed(item, payload):
        return noted
    return _set_closed(item, payload, is_closed=False, goes_on=True)


def _set_closed(
    item: OutboxItem, payload: ForTopic, *, is_closed: bool, goes_on: bool = False
) -> AfterDelivery | None:
    target = _target(item, payload)
    if target is None or target.thread_id is None:
        return None
    channel = topic_delivery.channel_of(target)
    bot = take_call(channel, goes_on=goes_on)
    call = bot.close_forum_topic if is_closed else bot.reopen_forum_topic
    try:
        call(chat_id=channel.chat_id, thread_id=target.thread_id)
    except AlreadySo:
        logger.debug("topic_state_already_so")
    except TopicGone:
        return None
    return lambda: topic_records.note_shown(target, is_closed=is_closed)


def _is_still_closed(item: OutboxItem, payload: ForTopic) -> bool:
    with tenant_scope(item.tenant_id) as tenant:
        status = selectors.find_status(tenant=tenant, conversation_id=payload.conversation)
        return status == Status.CLOSED


@handles(kinds.DELETE_TOPIC)
def delete_topic(item: OutboxItem, payload: OfThread) -> None:
    """Remove the topic of a deleted conversation."""
    channel = _channel(item)
    if payload.topic == channel.topic(payload.thread_id):
        topic_delivery.remove_topic(channel, payload.thread_id)
    else:
        # The tenant has another group now; the bot may not even be in the old one.
        logger.info("topic_left_in_former_group")


@handles(kinds.ANSWER_BUTTON)
def answer_button(item: OutboxItem, payload: ButtonAnswer) -> None:
    """Show an agent what their press has done."""
    try:
        BotApi(_bot(item, payload.channel).bot_token).answer_callback_query(
            callback_query_id=payload.callback_query_id, text=payload.text
        )
    except TooLate:
        logger.info("button_answer_too_late")


@handles(kinds.POST_IN_GENERAL)
def post_in_general(item: OutboxItem, payload: GeneralPost) -> None:
    """Answer in the group's root."""
    channel = _channel(item)
    take_call(channel).send_message(
        chat_id=channel.chat_id,
        thread_id=None,
        text=texts.seen(payload.text),
        is_silent=payload.is_silent,
    )


@handles(kinds.HINT_IN_STRAY_TOPIC)
def hint_in_stray_topic(item: OutboxItem, payload: StrayHint) -> None:
    """Say in a topic that it belongs to no conversation, unless it has got one since."""
    with tenant_scope(item.tenant_id) as tenant:
        channel = find_spender(tenant=tenant, outbox_channel=item.channel)
        shown = sql.find_of_topic(tenant_id=item.tenant_id, topic=payload.topic)
    if channel is None or payload.topic != channel.topic(payload.thread_id):
        _forget_hint(item, payload)
        raise Expired("the tenant has another group now")
    if shown is not None:
        _forget_hint(item, payload)
        raise Expired("the topic belongs to a conversation now")
    try:
        take_call(channel).send_message(
            chat_id=channel.chat_id,
            thread_id=payload.thread_id,
            text=payload.text,
            is_silent=payload.is_silent,
        )
    except (TopicGone, TopicClosed) as error:
        logger.info("stray_topic_left", error=str(error))


def _forget_hint(item: OutboxItem, payload: StrayHint) -> None:
    """It was not given: should the topic be nobody's again, the next message there asks for it."""
    with tenant_scope(item.tenant_id) as tenant:
        strays.forget_hint(tenant=tenant, topic=payload.topic)


@handles(kinds.SET_UP)
def set_up(item: OutboxItem, payload: OfChannel) -> AfterDelivery | None:
    """Learn the bot's name, set its webhook, and of who hears the group the menu of commands."""
    channel = _bot(item, payload.channel)
    api = BotApi(channel.bot_token)
    bot = api.get_me()
    api.set_webhook(url=channel.webhook_url, secret_token=channel.header_secret)
    checking.note_webhook(tenant_id=item.tenant_id, channel_id=channel.row_id)
    if channel.is_first:
        api.set_my_commands(texts.COMMANDS)
    return lambda: services.note_bot_username(channel=channel, username=bot.username)


@handles(kinds.LOOK)
def look(item: OutboxItem, payload: OfChannel) -> AfterDelivery | None:
    """Learn what the bot is in the group; nothing when the channel has changed its bot or group."""
    channel = _bot(item, payload.channel)
    before, standing = watching.ask(channel)
    return lambda: watching.keep(channel, before, standing)


def _channel(item: OutboxItem) -> DecryptedChannel:
    """The channel as the bot whose budget the item spends."""
    with tenant_scope(item.tenant_id) as tenant:
        channel = find_spender(tenant=tenant, outbox_channel=item.channel)
    if channel is None:
        raise error_mapping.no_channel()
    return channel


def _bot(item: OutboxItem, row_id: UUID | None) -> DecryptedChannel:
    """The channel as one of its bots, else as the first; raises Expired when that was removed."""
    if row_id is None:
        return _channel(item)
    with tenant_scope(item.tenant_id) as tenant:
        bot = find_bot(tenant=tenant, row_id=row_id)
    if bot is None:
        raise Expired("the bot is not the workspace's any more")
    return bot


def _target(item: OutboxItem, payload: ForTopic) -> TopicTarget | None:
    return topic_records.find_target(
        tenant_id=item.tenant_id,
        conversation_id=payload.conversation,
        outbox_channel=item.channel,
    )
