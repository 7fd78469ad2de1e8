"""Keeping the promises: outbox handlers that call Telegram, and repair what can be repaired."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from channels_telegram import governor, metrics, promises, services, texts, topics
from channels_telegram.api_errors import (
    AlreadySo,
    FloodWait,
    GroupMoved,
    NeedsAttention,
    NotAForum,
    OutcomeUnknown,
    RightsMissing,
    ServerTrouble,
    TelegramError,
    TooLate,
    TopicClosed,
    TopicGone,
)
from channels_telegram.bot_api import BotApi, PostedMessage
from channels_telegram.channels import OpenChannel, find_channel
from channels_telegram.topics import Place
from outbox import registry
from outbox.errors import DeliveryError, GateClosed
from outbox.models import OutboxItem
from outbox.registry import AfterDelivery
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)

# How often a channel that needs a person is tried again by itself.
_PROBE_EVERY = timedelta(seconds=30)


def register() -> None:
    """Tell the outbox which kinds this app keeps."""
    registry.register(promises.OPEN_TOPIC, open_topic)
    registry.register(promises.POST, post)
    registry.register(promises.SYNC_TITLE, sync_title)
    registry.register(promises.CLOSE_TOPIC, partial(_set_closed, is_closed=True))
    registry.register(promises.REOPEN_TOPIC, partial(_set_closed, is_closed=False))
    registry.register(promises.ANSWER_BUTTON, answer_button)
    registry.register(promises.POST_IN_GENERAL, post_in_general)
    registry.register(promises.SET_UP, set_up)


def open_topic(item: OutboxItem) -> AfterDelivery | None:
    """Make the topic and its controls, as far as they are not there."""
    with _telling_the_outbox(item):
        place = _place_with_topic(item)
        return None if place is None else _ensure_controls(item, place)


def post(item: OutboxItem) -> AfterDelivery | None:
    """Post a text in the conversation's topic, in a new one when the topic is gone."""
    with _telling_the_outbox(item):
        place = _place_with_topic(item)
        if place is None:
            return None
        try:
            posted = _post_in(place, item)
        except TopicGone:
            place = _replace_topic(item, place)
            posted = _post_in(place, item)
        if item.payload.get("is_pinned"):
            _pin(place, posted)
        return None


def sync_title(item: OutboxItem) -> AfterDelivery | None:
    """Show the current title, if Telegram shows another one."""
    with _telling_the_outbox(item):
        place = _place(item)
        if place is None or place.thread_id is None or place.title == place.shown_title:
            return None
        channel = _channel(place)
        try:
            governor.spend(channel)
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
    with _telling_the_outbox(item):
        place = _place(item)
        if place is None or place.thread_id is None:
            return None
        channel = _channel(place)
        api = BotApi(channel.bot_token)
        call = api.close_forum_topic if is_closed else api.reopen_forum_topic
        try:
            governor.spend(channel)
            call(chat_id=channel.chat_id, thread_id=place.thread_id)
        except AlreadySo:
            logger.debug("topic_state_already_so")
        except TopicGone:
            return None
        return _note_topic(item, place, is_closed=is_closed)


def answer_button(item: OutboxItem) -> AfterDelivery | None:
    """Show an agent what their press has done."""
    with _telling_the_outbox(item):
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
    with _telling_the_outbox(item):
        channel = _tenant_channel(item)
        governor.spend(channel)
        BotApi(channel.bot_token).send_message(
            chat_id=channel.chat_id, thread_id=None, text=item.payload["text"]
        )
        return None


def set_up(item: OutboxItem) -> AfterDelivery | None:
    """Learn the bot's name, set its webhook and its menu of commands."""
    with _telling_the_outbox(item):
        channel = _tenant_channel(item)
        api = BotApi(channel.bot_token)
        bot = api.get_me()
        url = f"{settings.PUBLIC_ORIGIN}/v1/telegram/webhook/{channel.webhook_secret}"
        api.set_webhook(url=url, secret_token=channel.header_secret)
        api.set_my_commands(texts.COMMANDS)
        return lambda: services.note_bot_username(
            tenant_id=item.tenant_id, channel_id=channel.id, username=bot.username
        )


# --- steps -----------------------------------------------------------------------------------


def _place(item: OutboxItem) -> Place | None:
    return topics.look_up_place(
        tenant_id=item.tenant_id, conversation_id=UUID(item.payload["conversation"])
    )


def _channel(place: Place) -> OpenChannel:
    if place.channel is None:
        raise _no_channel()
    return place.channel


def _tenant_channel(item: OutboxItem) -> OpenChannel:
    with tenant_scope(item.tenant_id) as tenant:
        channel = find_channel(tenant=tenant)
    if channel is None:
        raise _no_channel()
    return channel


def _no_channel() -> GateClosed:
    reason = "No Telegram channel is configured. Messages wait until there is one."
    return GateClosed("no channel", until=timezone.now() + timedelta(minutes=5), reason=reason)


def _place_with_topic(item: OutboxItem) -> Place | None:
    """The conversation's place, after making a topic where there is none."""
    place = _place(item)
    if place is None or place.thread_id is not None:
        return place
    return _make_topic(item, place)


def _make_topic(item: OutboxItem, place: Place) -> Place:
    channel = _channel(place)
    governor.spend(channel)
    thread_id = BotApi(channel.bot_token).create_forum_topic(
        chat_id=channel.chat_id, name=place.title
    )
    # At once, not with the item: whatever fails later must find this topic and not make another.
    topics.remember_topic(
        tenant_id=item.tenant_id,
        conversation_id=place.conversation_id,
        channel_id=channel.id,
        thread_id=thread_id,
        title=place.title,
    )
    made = _place(item)
    if made is None:
        raise DeliveryError("the conversation was deleted meanwhile", permanent=True)
    return made


def _replace_topic(item: OutboxItem, place: Place) -> Place:
    assert place.thread_id is not None
    topics.forget_topic(
        tenant_id=item.tenant_id,
        conversation_id=place.conversation_id,
        thread_id=place.thread_id,
    )
    new_place = _place_with_topic(item)
    if new_place is None:
        raise DeliveryError("the conversation was deleted meanwhile", permanent=True)
    after = _ensure_controls(item, new_place)
    if after is not None:
        with tenant_scope(item.tenant_id):
            after()
    return new_place


def _ensure_controls(item: OutboxItem, place: Place) -> AfterDelivery | None:
    if place.controls_message_id is not None:
        return None
    channel = _channel(place)
    governor.spend(channel)
    posted = BotApi(channel.bot_token).send_message(
        chat_id=channel.chat_id,
        thread_id=place.thread_id,
        text=texts.CONTROLS.format(codename=place.title),
        keyboard=texts.controls_keyboard(place.conversation_id),
        is_silent=place.is_silent,
    )
    return _note_topic(item, place, controls_message_id=posted.message_id)


def _note_topic(item: OutboxItem, place: Place, **changes: object) -> AfterDelivery:
    def note() -> None:
        with tenant_scope(item.tenant_id) as tenant:
            topics.update_topic(tenant=tenant, conversation_id=place.conversation_id, **changes)

    return note


def _post_in(place: Place, item: OutboxItem) -> PostedMessage:
    channel = _channel(place)
    governor.spend(channel)
    posted = BotApi(channel.bot_token).send_message(
        chat_id=channel.chat_id,
        thread_id=place.thread_id,
        text=item.payload["text"],
        bold_units=item.payload.get("bold_units", 0),
        keyboard=item.payload.get("keyboard"),
        is_silent=place.is_silent,
    )
    if posted.thread_id != place.thread_id:
        # With topics switched off, Telegram accepts the post and shows it to everybody unsorted.
        raise NotAForum("the post did not land in its topic")
    return posted


def _pin(place: Place, posted: PostedMessage) -> None:
    channel = _channel(place)
    try:
        BotApi(channel.bot_token).pin_chat_message(
            chat_id=channel.chat_id, message_id=posted.message_id
        )
    except TelegramError as error:
        # The post itself has arrived; repeating it for the sake of the pin would be worse.
        logger.warning("pin_failed", error=str(error))


# --- what errors mean for the outbox ---------------------------------------------------------


@contextmanager
def _telling_the_outbox(item: OutboxItem) -> Iterator[None]:
    """Translate Telegram's errors into what the outbox does about them."""
    try:
        yield
    except FloodWait as error:
        metrics.RETRY_AFTER.inc(error.retry_after_seconds)
        raise _hold_the_group(item, error) from error
    except OutcomeUnknown as error:
        raise DeliveryError(str(error), is_ambiguous=True) from error
    except ServerTrouble as error:
        raise DeliveryError(str(error)) from error
    except GroupMoved as error:
        services.adopt_new_group(tenant_id=item.tenant_id, chat_id=error.new_chat_id)
        raise DeliveryError(str(error), retry_after_seconds=0) from error
    except (NeedsAttention, TopicClosed) as error:
        advice = error.advice if isinstance(error, NeedsAttention) else RightsMissing.advice
        until = timezone.now() + _PROBE_EVERY
        if not item.gate:
            raise DeliveryError(f"{error} {advice}") from error
        raise GateClosed(
            str(error), until=until, reason=f"{error} {advice}", counts_as_attempt=True
        ) from error
    except TopicGone as error:
        # The new topic is gone as well: somebody deletes them as they come.
        raise DeliveryError(str(error)) from error
    except TelegramError as error:
        raise DeliveryError(str(error), permanent=True) from error


def _hold_the_group(item: OutboxItem, error: FloodWait) -> DeliveryError:
    """Every call to the group waits, not just this one; an item without a gate waits alone."""
    if not item.gate:
        return DeliveryError(str(error), retry_after_seconds=error.retry_after_seconds)
    until = timezone.now() + timedelta(seconds=error.retry_after_seconds)
    return GateClosed(str(error), until=until, counts_as_attempt=True)
