"""Delivering outbox items: handlers that call Telegram, and repair what can be repaired."""

from uuid import UUID

import structlog

from channels_telegram import checking, services, sql, texts, watching
from channels_telegram.api_errors import AlreadySo, NeedsAttention, TooLate, TopicClosed, TopicGone
from channels_telegram.bot_api import BotApi, PostedMessage
from channels_telegram.channels import DecryptedChannel, find_channel
from channels_telegram.inbound import strays
from channels_telegram.outgoing import effects, error_mapping, kinds, rate_limit, topic_delivery
from channels_telegram.outgoing.error_mapping import telling_the_outbox
from channels_telegram.outgoing.kinds import (
    ButtonAnswer,
    ForTopic,
    GeneralPost,
    OfChannel,
    OfThread,
    PostedInTopic,
    StrayHint,
    TopicPost,
)
from channels_telegram.topics import removal, topic_records
from channels_telegram.topics.topic_records import Place
from conversations import selectors
from conversations.models import Status
from conversations.socket import realtime
from outbox import services as outbox
from outbox.errors import Expired
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)


@kinds.OPEN_TOPIC.handler
def open_topic(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Make the topic and its controls, as far as they are not there."""
    with telling_the_outbox(item):
        topic_delivery.in_topic(item.tenant_id, payload.conversation, lambda place: place)
        return None


@kinds.POST.handler
def post(item: OutboxItem, payload: TopicPost) -> AfterDelivery | None:
    """Post a text in the conversation's topic, in a new one when the topic is gone."""

    def send(place: Place) -> tuple[DecryptedChannel, PostedMessage]:
        return topic_delivery.channel_of(place), topic_delivery.send(
            place, payload.text, bold_units=payload.bold_units, keyboard=payload.keyboard
        )

    with telling_the_outbox(item):
        done = topic_delivery.in_topic(item.tenant_id, payload.conversation, send)
        if done is None:
            return None
        _tell_the_sender(item.tenant_id, payload)
        if not payload.is_pinned:
            return None
        return lambda: _enqueue_pin(item, payload.conversation, *done)


def _tell_the_sender(tenant_id: UUID, payload: TopicPost) -> None:
    """The agents have it: that is so now, whether or not it can be noted here."""
    if payload.completes is not None:
        realtime.push_delivered(
            tenant_id=tenant_id,
            conversation_id=payload.conversation,
            message_id=str(payload.completes.id),
            seq=payload.completes.seq,
        )


def _enqueue_pin(
    item: OutboxItem, conversation_id: UUID, channel: DecryptedChannel, posted: PostedMessage
) -> None:
    with tenant_scope(item.tenant_id) as tenant:
        pinned = effects.pin(tenant, conversation_id, channel, posted.message_id, once=f"{item.pk}")
        outbox.enqueue(tenant=tenant, effects=[pinned])


@kinds.PIN.handler
def pin(item: OutboxItem, payload: PostedInTopic) -> AfterDelivery | None:
    """Pin a post of ours, if the group lets us."""
    with telling_the_outbox(item):
        channel = topic_delivery.require_group(_tenant_channel(item), payload)
        rate_limit.spend(channel)
        try:
            BotApi(channel.bot_token).pin_chat_message(
                chat_id=channel.chat_id, message_id=payload.message_id
            )
        except NeedsAttention as error:
            # Not worth holding messages back; if more than the pin is wrong, they will tell.
            logger.warning("pin_refused", error=str(error))
            watching.note_refusal(item.tenant_id, error)
        return None


@kinds.SYNC_TITLE.handler
def sync_title(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Show the current title, if Telegram shows another one."""
    with telling_the_outbox(item):
        place = topic_records.look_up_place(
            tenant_id=item.tenant_id, conversation_id=payload.conversation
        )
        if place is None or place.thread_id is None or place.title == place.shown_title:
            return None
        channel = topic_delivery.channel_of(place)
        try:
            rate_limit.spend(channel)
            BotApi(channel.bot_token).edit_forum_topic(
                chat_id=channel.chat_id, thread_id=place.thread_id, name=place.title
            )
        except AlreadySo:
            logger.debug("title_already_shown")
        except TopicGone:
            # The next message makes a new topic, under the new title.
            return None
        return _note_topic(item, place, title=place.title)


@kinds.CLOSE_TOPIC.handler
def close_topic(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Close the topic."""
    return _set_closed(item, payload, is_closed=True)


@kinds.REOPEN_TOPIC.handler
def reopen_topic(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Open the topic again."""
    return _set_closed(item, payload, is_closed=False)


def _set_closed(item: OutboxItem, payload: ForTopic, *, is_closed: bool) -> AfterDelivery | None:
    with telling_the_outbox(item):
        place = topic_records.look_up_place(
            tenant_id=item.tenant_id, conversation_id=payload.conversation
        )
        if place is None or place.thread_id is None:
            return None
        channel = topic_delivery.channel_of(place)
        api = BotApi(channel.bot_token)
        call = api.close_forum_topic if is_closed else api.reopen_forum_topic
        try:
            rate_limit.spend(channel)
            call(chat_id=channel.chat_id, thread_id=place.thread_id)
        except AlreadySo:
            logger.debug("topic_state_already_so")
        except TopicGone:
            return None
        return _note_topic(item, place, is_closed=is_closed)


@kinds.CLOSE_TOPIC_LATER.handler
def close_topic_later(item: OutboxItem, payload: ForTopic) -> AfterDelivery | None:
    """Close the topic of a conversation that nothing has opened again since.

    It may be opened again while Telegram is being called, and the call that opens the topic may
    even be the faster one: so we look once more, and undo it.
    """
    if not _is_still_closed(item, payload):
        raise Expired("the conversation is open again")
    noted = _set_closed(item, payload, is_closed=True)
    return noted if _is_still_closed(item, payload) else _set_closed(item, payload, is_closed=False)


def _is_still_closed(item: OutboxItem, payload: ForTopic) -> bool:
    with tenant_scope(item.tenant_id) as tenant:
        status = selectors.find_status(tenant=tenant, conversation_id=payload.conversation)
        return status == Status.CLOSED


@kinds.DELETE_TOPIC.handler
def delete_topic(item: OutboxItem, payload: OfThread) -> AfterDelivery | None:
    """Remove the topic of a deleted conversation."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        if payload.topic != channel.topic(payload.thread_id):
            # The tenant has another group now; the bot may not even be in the old one.
            logger.info("topic_left_in_former_group")
            return None
        removal.remove_topic(channel, payload.thread_id)
        return None


@kinds.ANSWER_BUTTON.handler
def answer_button(item: OutboxItem, payload: ButtonAnswer) -> AfterDelivery | None:
    """Show an agent what their press has done."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        try:
            BotApi(channel.bot_token).answer_callback_query(
                callback_query_id=payload.callback_query_id, text=payload.text
            )
        except TooLate:
            logger.info("button_answer_too_late")
        return None


@kinds.POST_IN_GENERAL.handler
def post_in_general(item: OutboxItem, payload: GeneralPost) -> AfterDelivery | None:
    """Answer in the group's root."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        rate_limit.spend(channel)
        BotApi(channel.bot_token).send_message(
            chat_id=channel.chat_id,
            thread_id=None,
            text=texts.seen(payload.text),
            is_silent=payload.is_silent,
        )
        return None


@kinds.HINT_IN_STRAY_TOPIC.handler
def hint_in_stray_topic(item: OutboxItem, payload: StrayHint) -> AfterDelivery | None:
    """Say in a topic that it belongs to no conversation, unless it has got one since."""
    with telling_the_outbox(item):
        with tenant_scope(item.tenant_id) as tenant:
            channel = find_channel(tenant=tenant)
            shown = sql.find_of_topic(tenant_id=item.tenant_id, topic=payload.topic)
        if channel is None or payload.topic != channel.topic(payload.thread_id):
            _forget_hint(item, payload)
            raise Expired("the tenant has another group now")
        if shown is not None:
            _forget_hint(item, payload)
            raise Expired("the topic belongs to a conversation now")
        rate_limit.spend(channel)
        try:
            BotApi(channel.bot_token).send_message(
                chat_id=channel.chat_id,
                thread_id=payload.thread_id,
                text=payload.text,
                is_silent=payload.is_silent,
            )
        except (TopicGone, TopicClosed) as error:
            logger.info("stray_topic_left", error=str(error))
        return None


def _forget_hint(item: OutboxItem, payload: StrayHint) -> None:
    """It was not given: should the topic be nobody's again, the next message there asks for it."""
    with tenant_scope(item.tenant_id) as tenant:
        strays.forget_hint(tenant=tenant, topic=payload.topic)


@kinds.SET_UP.handler
def set_up(item: OutboxItem, payload: OfChannel) -> AfterDelivery | None:
    """Learn the bot's name, set its webhook and its menu of commands."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        api = BotApi(channel.bot_token)
        bot = api.get_me()
        api.set_webhook(url=channel.webhook_url, secret_token=channel.header_secret)
        checking.note_webhook(tenant_id=item.tenant_id, channel_id=channel.id)
        api.set_my_commands(texts.COMMANDS)
        return lambda: services.note_bot_username(channel=channel, username=bot.username)


@kinds.LOOK.handler
def look(item: OutboxItem, payload: OfChannel) -> AfterDelivery | None:
    """Learn what the bot is in the group; nothing when the channel has changed its bot or group."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        before, standing = watching.ask(channel)
        return lambda: watching.keep(channel, before, standing)


def _tenant_channel(item: OutboxItem) -> DecryptedChannel:
    with tenant_scope(item.tenant_id) as tenant:
        channel = find_channel(tenant=tenant)
    if channel is None:
        raise error_mapping.no_channel()
    return channel


def _note_topic(item: OutboxItem, place: Place, **changes: object) -> AfterDelivery:
    topic = place.topic
    assert topic is not None

    def note() -> None:
        with tenant_scope(item.tenant_id) as tenant:
            topic_records.update_topic(
                tenant=tenant, conversation_id=place.conversation_id, topic=topic, **changes
            )

    return note
