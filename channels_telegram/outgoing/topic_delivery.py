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
from channels_telegram.outgoing.kinds import PostedInTopic, PostedReminder
from channels_telegram.topics import topic_records
from channels_telegram.topics.topic_records import Place
from conversations.errors import ConversationNotFound
from outbox.errors import DeliveryError, Expired

logger = structlog.get_logger(__name__)

Done = TypeVar("Done")


def channel_of(place: Place) -> DecryptedChannel:
    """The channel that shows it; raises ChannelOnHold without one."""
    if place.channel is None:
        raise error_mapping.no_channel()
    return place.channel


def require_group(
    channel: DecryptedChannel, posted: PostedInTopic | PostedReminder
) -> DecryptedChannel:
    """The channel, if the post is in its group; raises Expired otherwise.

    Messages are numbered by group: the same number is another message in another group.
    """
    if (posted.channel, posted.chat_id) != (channel.id, channel.chat_id):
        raise Expired("the message is in a former group")
    return channel


def in_topic(tenant_id: UUID, conversation_id: UUID, act: Callable[[Place], Done]) -> Done | None:
    """Do something in the conversation's topic, after its controls.

    Where Telegram has lost the topic, it happens in a new one. None when the conversation is gone.
    """
    place = topic_records.look_up_place(tenant_id=tenant_id, conversation_id=conversation_id)
    if place is None:
        return None
    try:
        try:
            return act(_ready(place))
        except TopicGone as error:
            _forget_topic(place, error)
        place = topic_records.look_up_place(tenant_id=tenant_id, conversation_id=conversation_id)
        return None if place is None else act(_ready(place))
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


def _ready(place: Place) -> Place:
    """The place with a topic that begins with the controls."""
    if place.thread_id is None:
        place = _make_topic(place)
    if place.controls_message_id is None:
        place = _post_controls(place)
    return place


def _make_topic(place: Place) -> Place:
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
        tenant_id=channel.tenant_id,
        conversation_id=place.conversation_id,
        topic=channel.topic(thread_id),
        title=place.title,
    )
    if not is_its:
        raise _another_topic()
    watching.note_success(channel, of="topic")
    return replace(place, thread_id=thread_id, controls_message_id=None, is_closed=False)


def _post_controls(place: Place) -> Place:
    posted = send(
        place,
        texts.CONTROLS.format(codename=place.title),
        keyboard=texts.controls_keyboard(place.conversation_id),
    )
    assert place.topic is not None
    is_its = topic_records.remember_controls(
        tenant_id=channel_of(place).tenant_id,
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


def _forget_topic(place: Place, error: TopicGone) -> None:
    """The one that the call was made to: the conversation may have another one by now."""
    assert place.channel is not None
    assert error.thread_id is not None
    topic_records.forget_topic(
        tenant_id=place.channel.tenant_id,
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
