"""Delivering outbox items: handlers that call Telegram, and repair what can be repaired."""

from functools import partial
from uuid import UUID

import structlog

from channels_telegram import checking, services, sql, texts, watching
from channels_telegram.api_errors import AlreadySo, NeedsAttention, TooLate, TopicClosed, TopicGone
from channels_telegram.bot_api import BotApi, PostedMessage
from channels_telegram.channels import DecryptedChannel, TopicId, find_channel
from channels_telegram.inbound import strays
from channels_telegram.outgoing import error_mapping, kinds, rate_limit, reminders
from channels_telegram.outgoing.error_mapping import telling_the_outbox
from channels_telegram.topics import removal, topic_delivery, topic_records
from channels_telegram.topics.topic_records import Place
from conversations import selectors
from conversations.models import Status
from conversations.socket import realtime
from outbox import registry
from outbox import services as outbox
from outbox.errors import Expired
from outbox.models import OutboxItem
from outbox.registry import AfterDelivery
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)


def register() -> None:
    """Tell the outbox which kinds this app keeps."""
    registry.register(kinds.OPEN_TOPIC, open_topic)
    registry.register(kinds.POST, post)
    registry.register(kinds.PIN, pin)
    registry.register(kinds.REMIND, reminders.remind)
    registry.register(kinds.PIN_REMINDER, reminders.pin)
    registry.register(kinds.UNPIN_REMINDER, reminders.unpin)
    registry.register(kinds.SYNC_TITLE, sync_title)
    registry.register(kinds.CLOSE_TOPIC, partial(_set_closed, is_closed=True))
    registry.register(kinds.CLOSE_TOPIC_LATER, close_topic_later)
    registry.register(kinds.REOPEN_TOPIC, partial(_set_closed, is_closed=False))
    registry.register(kinds.DELETE_TOPIC, delete_topic)
    registry.register(kinds.ANSWER_BUTTON, answer_button)
    registry.register(kinds.POST_IN_GENERAL, post_in_general)
    registry.register(kinds.HINT_IN_STRAY_TOPIC, hint_in_stray_topic)
    registry.register(kinds.SET_UP, set_up)
    registry.register(kinds.LOOK, look)


def open_topic(item: OutboxItem) -> AfterDelivery | None:
    """Make the topic and its controls, as far as they are not there."""
    with telling_the_outbox(item):
        topic_delivery.in_topic(item, lambda place: place)
        return None


def post(item: OutboxItem) -> AfterDelivery | None:
    """Post a text in the conversation's topic, in a new one when the topic is gone."""

    def send(place: Place) -> tuple[DecryptedChannel, PostedMessage]:
        return topic_delivery.channel_of(place), topic_delivery.send(
            place,
            item.payload["text"],
            bold_units=item.payload.get("bold_units", 0),
            keyboard=item.payload.get("keyboard"),
        )

    with telling_the_outbox(item):
        done = topic_delivery.in_topic(item, send)
        if done is None:
            return None
        _tell_the_sender(item)
        if not item.payload.get("is_pinned"):
            return None
        return lambda: _enqueue_pin(item, *done)


def _tell_the_sender(item: OutboxItem) -> None:
    """The agents have it: that is so now, whether or not it can be noted here."""
    completed = item.payload.get("completes")
    if completed is not None:
        realtime.push_delivered(
            tenant_id=item.tenant_id,
            conversation_id=UUID(item.payload["conversation"]),
            message_id=completed["id"],
            seq=completed["seq"],
        )


def _enqueue_pin(item: OutboxItem, channel: DecryptedChannel, posted: PostedMessage) -> None:
    with tenant_scope(item.tenant_id) as tenant:
        pinned = kinds.pin(
            tenant, item.payload["conversation"], channel, posted.message_id, once=f"{item.pk}"
        )
        outbox.enqueue(tenant=tenant, effects=[pinned])


def pin(item: OutboxItem) -> AfterDelivery | None:
    """Pin a post of ours, if the group lets us."""
    with telling_the_outbox(item):
        channel = topic_delivery.require_group(item, _tenant_channel(item))
        rate_limit.spend(channel)
        try:
            BotApi(channel.bot_token).pin_chat_message(
                chat_id=channel.chat_id, message_id=item.payload["message_id"]
            )
        except NeedsAttention as error:
            # Not worth holding messages back; if more than the pin is wrong, they will tell.
            logger.warning("pin_refused", error=str(error))
            watching.note_refusal(item.tenant_id, error)
        return None


def sync_title(item: OutboxItem) -> AfterDelivery | None:
    """Show the current title, if Telegram shows another one."""
    with telling_the_outbox(item):
        place = topic_delivery.find_place(item)
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


def _set_closed(item: OutboxItem, *, is_closed: bool) -> AfterDelivery | None:
    with telling_the_outbox(item):
        place = topic_delivery.find_place(item)
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


def close_topic_later(item: OutboxItem) -> AfterDelivery | None:
    """Close the topic of a conversation that nothing has opened again since.

    It may be opened again while Telegram is being called, and the call that opens the topic may
    even be the faster one: so we look once more, and undo it.
    """
    if not _is_still_closed(item):
        raise Expired("the conversation is open again")
    noted = _set_closed(item, is_closed=True)
    return noted if _is_still_closed(item) else _set_closed(item, is_closed=False)


def _is_still_closed(item: OutboxItem) -> bool:
    with tenant_scope(item.tenant_id) as tenant:
        status = selectors.find_status(
            tenant=tenant, conversation_id=UUID(item.payload["conversation"])
        )
        return status == Status.CLOSED


def delete_topic(item: OutboxItem) -> AfterDelivery | None:
    """Remove the topic of a deleted conversation."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        where = item.payload
        if (where["channel"], where["chat_id"]) != (str(channel.id), channel.chat_id):
            # The tenant has another group now; the bot may not even be in the old one.
            logger.info("topic_left_in_former_group")
            return None
        removal.remove_topic(channel, where["thread_id"])
        return None


def answer_button(item: OutboxItem) -> AfterDelivery | None:
    """Show an agent what their press has done."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        try:
            BotApi(channel.bot_token).answer_callback_query(
                callback_query_id=item.payload["callback_query_id"], text=item.payload["text"]
            )
        except TooLate:
            logger.info("button_answer_too_late")
        return None


def post_in_general(item: OutboxItem) -> AfterDelivery | None:
    """Answer in the group's root."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        rate_limit.spend(channel)
        BotApi(channel.bot_token).send_message(
            chat_id=channel.chat_id,
            thread_id=None,
            text=texts.seen(item.payload["text"]),
            is_silent=item.payload["is_silent"],
        )
        return None


def hint_in_stray_topic(item: OutboxItem) -> AfterDelivery | None:
    """Say in a topic that it belongs to no conversation, unless it has got one since."""
    with telling_the_outbox(item):
        where = item.payload
        with tenant_scope(item.tenant_id) as tenant:
            channel = find_channel(tenant=tenant)
            shown = None
            if channel is not None:
                shown = sql.find_of_topic(
                    tenant_id=item.tenant_id, topic=channel.topic(where["thread_id"])
                )
        if channel is None or (where["channel"], where["chat_id"]) != (
            str(channel.id),
            channel.chat_id,
        ):
            _forget_hint(item)
            raise Expired("the tenant has another group now")
        if shown is not None:
            _forget_hint(item)
            raise Expired("the topic belongs to a conversation now")
        rate_limit.spend(channel)
        try:
            BotApi(channel.bot_token).send_message(
                chat_id=channel.chat_id,
                thread_id=where["thread_id"],
                text=where["text"],
                is_silent=where["is_silent"],
            )
        except (TopicGone, TopicClosed) as error:
            logger.info("stray_topic_left", error=str(error))
        return None


def _forget_hint(item: OutboxItem) -> None:
    """It was not given: should the topic be nobody's again, the next message there asks for it."""
    with tenant_scope(item.tenant_id) as tenant:
        strays.forget_hint(
            tenant=tenant,
            topic=TopicId(
                channel_id=UUID(item.payload["channel"]),
                chat_id=item.payload["chat_id"],
                thread_id=item.payload["thread_id"],
            ),
        )


def set_up(item: OutboxItem) -> AfterDelivery | None:
    """Learn the bot's name, set its webhook and its menu of commands."""
    with telling_the_outbox(item):
        channel = _tenant_channel(item)
        api = BotApi(channel.bot_token)
        bot = api.get_me()
        api.set_webhook(url=channel.webhook_url, secret_token=channel.header_secret)
        checking.note_webhook(tenant_id=item.tenant_id, channel_id=channel.id)
        api.set_my_commands(texts.COMMANDS)
        return lambda: services.note_bot_username(channel=channel, username=bot.username)


def look(item: OutboxItem) -> AfterDelivery | None:
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
