"""Getting something into a conversation's topic, which is made, and made again, on the way."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

import structlog

from channels_telegram import texts, watching
from channels_telegram.api_errors import (
    AlreadySo,
    NotAForum,
    Refused,
    TelegramError,
    TopicClosed,
    TopicGone,
)
from channels_telegram.bot_api import BotApi, Keyboard, PostedMessage
from channels_telegram.channels import DecryptedChannel
from channels_telegram.outgoing import error_mapping, rate_limit
from channels_telegram.topics import topic_records
from channels_telegram.topics.topic_records import Place
from conversations.errors import ConversationNotFound
from outbox.errors import DeliveryError, Expired
from outbox.models import OutboxItem

logger = structlog.get_logger(__name__)

Done = TypeVar("Done")


def find_place(item: OutboxItem) -> Place | None:
    """Where the item's conversation is shown now; None when the conversation is gone."""
    return topic_records.look_up_place(
        tenant_id=item.tenant_id, conversation_id=UUID(item.payload["conversation"])
    )


def channel_of(place: Place) -> DecryptedChannel:
    """The channel that shows it; raises ChannelOnHold without one."""
    if place.channel is None:
        raise error_mapping.no_channel()
    return place.channel


def require_group(item: OutboxItem, channel: DecryptedChannel) -> DecryptedChannel:
    """The channel, if the item's message is in its group; raises Expired otherwise.

    Messages are numbered by group: the same number is another message in another group.
    """
    here = (str(channel.id), channel.chat_id)
    # Items of an earlier version do not say where.
    if (item.payload.get("channel", here[0]), item.payload.get("chat_id", here[1])) != here:
        raise Expired("the message is in a former group")
    return channel


def in_topic(item: OutboxItem, act: Callable[[Place], Done]) -> Done | None:
    """Do something in the conversation's topic, after its controls.

    Where Telegram has lost the topic, it happens in a new one. None when the conversation is gone.
    """
    place = find_place(item)
    if place is None:
        return None
    try:
        try:
            return act(_ready(item, place))
        except TopicGone as error:
            _forget_topic(item, place, error)
        place = find_place(item)
        return None if place is None else act(_ready(item, place))
    except ConversationNotFound:
        # Deleted while this was on its way.
        return None


def send(
    place: Place, text: str, *, bold_units: int = 0, keyboard: Keyboard | None = None
) -> PostedMessage:
    """Post in the topic; raises NotAForum when it did not land there."""
    channel = channel_of(place)
    api = BotApi(channel.bot_token)
    if channel.standing.has_topics is False:
        # Asked first, before anything is posted there.
        _check_that_topics_are_back(channel, api)

    seen = texts.seen(text)

    def post() -> PostedMessage:
        rate_limit.spend(channel)
        return api.send_message(
            chat_id=channel.chat_id,
            thread_id=place.thread_id,
            text=seen,
            bold_units=bold_units if seen == text else 0,
            keyboard=keyboard,
            is_silent=place.is_silent,
        )

    try:
        posted = post()
    except TopicClosed:
        _open_although_closed(place)
        posted = post()
    if posted.thread_id != place.thread_id:
        # With topics switched off, Telegram accepts the post and shows it to everybody unsorted.
        _take_back(channel, api, posted)
        watching.note_topics(channel, has_topics=False)
        raise NotAForum("the post did not land in its topic")
    watching.note_success(channel, of="post")
    return posted


def _ready(item: OutboxItem, place: Place) -> Place:
    """The place with a topic that begins with the controls."""
    if place.thread_id is None:
        place = _make_topic(item, place)
    if place.controls_message_id is None:
        place = _post_controls(item, place)
    return place


def _make_topic(item: OutboxItem, place: Place) -> Place:
    channel = channel_of(place)
    rate_limit.spend(channel)
    try:
        thread_id = BotApi(channel.bot_token).create_forum_topic(
            chat_id=channel.chat_id, name=place.title
        )
    except Refused as error:
        # For whatever reason: without a topic nothing of this conversation can be shown.
        raise DeliveryError(str(error)) from error
    # At once, not with the item: whatever fails later must find this topic and not make another.
    is_its = topic_records.remember_topic(
        tenant_id=item.tenant_id,
        conversation_id=place.conversation_id,
        topic=channel.topic(thread_id),
        title=place.title,
    )
    if not is_its:
        raise _another_topic()
    watching.note_success(channel, of="topic")
    return replace(place, thread_id=thread_id, controls_message_id=None, is_closed=False)


def _post_controls(item: OutboxItem, place: Place) -> Place:
    posted = send(
        place,
        texts.CONTROLS.format(codename=place.title),
        keyboard=texts.controls_keyboard(place.conversation_id),
    )
    assert place.topic is not None
    is_its = topic_records.remember_controls(
        tenant_id=item.tenant_id,
        conversation_id=place.conversation_id,
        topic=place.topic,
        message_id=posted.message_id,
    )
    if not is_its:
        raise _another_topic()
    return replace(place, controls_message_id=posted.message_id)


def _another_topic() -> DeliveryError:
    """What was to be posted goes there."""
    return DeliveryError("the conversation has another topic by now", retry_after_seconds=0)


def _forget_topic(item: OutboxItem, place: Place, error: TopicGone) -> None:
    """The one that the call was made to: the conversation may have another one by now."""
    assert place.channel is not None
    assert error.thread_id is not None
    topic_records.forget_topic(
        tenant_id=item.tenant_id,
        conversation_id=place.conversation_id,
        topic=place.channel.topic(error.thread_id),
    )


def _open_although_closed(place: Place) -> None:
    """A bot that may not manage topics can still open the ones it has made."""
    channel = channel_of(place)
    assert place.thread_id is not None
    rate_limit.spend(channel)
    try:
        BotApi(channel.bot_token).reopen_forum_topic(
            chat_id=channel.chat_id, thread_id=place.thread_id
        )
    except AlreadySo:
        logger.debug("topic_open_already")


def _check_that_topics_are_back(channel: DecryptedChannel, api: BotApi) -> None:
    if not api.is_forum(chat_id=channel.chat_id):
        raise NotAForum("the group has no topics")
    watching.note_topics(channel, has_topics=True)


def _take_back(channel: DecryptedChannel, api: BotApi, posted: PostedMessage) -> None:
    try:
        api.delete_message(chat_id=channel.chat_id, message_id=posted.message_id)
    except TelegramError as error:
        logger.warning("stray_post_not_taken_back", error=str(error))
