"""Getting something into a conversation's topic, which is made, and made again, on the way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog

from channels_telegram import texts, watching
from channels_telegram.api_errors import (
    AlreadySo,
    NeedsAttention,
    NotAForum,
    Refused,
    RightsMissing,
    TelegramError,
    TopicClosed,
    TopicGone,
)
from channels_telegram.bot_api import BotApi, Keyboard, PostedMessage
from channels_telegram.channels import DecryptedChannel
from channels_telegram.multipart import Upload
from channels_telegram.outgoing import error_mapping
from channels_telegram.outgoing.kinds import ForTopic, PostedInTopic, PostedReminder
from channels_telegram.outgoing.rate_limit import take_call
from channels_telegram.topics import topic_records
from channels_telegram.topics.topic_records import TopicTarget
from conversations.errors import ConversationNotFound
from outbox.errors import DeliveryError, Expired
from outbox.models import OutboxItem

logger = structlog.get_logger(__name__)

Done = TypeVar("Done")


def channel_of(target: TopicTarget) -> DecryptedChannel:
    """The channel that shows it; raises ChannelOnHold without one."""
    if target.channel is None:
        raise error_mapping.no_channel()
    return target.channel


def in_topic(
    item: OutboxItem, payload: ForTopic, act: Callable[[TopicTarget], Done]
) -> Done | None:
    """Do something in the conversation's topic, after its controls, as the item's bot.

    Where Telegram has lost the topic, it happens in a new one. None when the conversation is gone.
    """

    def look() -> TopicTarget | None:
        return topic_records.find_target(
            tenant_id=item.tenant_id,
            conversation_id=payload.conversation,
            outbox_channel=item.channel,
        )

    target = look()
    if target is None:
        return None
    try:
        try:
            return act(_ready(target))
        except TopicGone as error:
            _forget_topic(target, error)
        target = look()
        return None if target is None else act(_ready(target))
    except ConversationNotFound:
        # Deleted while this was on its way.
        return None


def send(
    target: TopicTarget,
    text: str,
    *,
    bold: Sequence[range] = (),
    quoted: Sequence[range] = (),
    code_from: int = 0,
    keyboard: Keyboard | None = None,
) -> PostedMessage:
    """Post in the topic; raises NotAForum when it did not land there."""
    seen = texts.seen(text)
    return _land(
        target,
        lambda bot: bot.send_message(
            chat_id=channel_of(target).chat_id,
            thread_id=target.thread_id,
            text=seen,
            bold=bold if seen == text else (),
            quoted=quoted if seen == text else (),
            code_from=code_from if seen == text else 0,
            keyboard=keyboard,
            is_silent=target.is_silent,
        ),
    )


def send_file(
    target: TopicTarget,
    upload: Upload,
    caption: str,
    *,
    bold: Sequence[range] = (),
    quoted: Sequence[range] = (),
    keyboard: Keyboard | None = None,
) -> PostedMessage:
    """As `send`, a file."""
    return _land(
        target,
        lambda bot: bot.send_file(
            chat_id=channel_of(target).chat_id,
            thread_id=target.thread_id,
            upload=upload,
            caption=caption,
            bold=bold,
            quoted=quoted,
            keyboard=keyboard,
            is_silent=target.is_silent,
        ),
    )


def _land(target: TopicTarget, post: Callable[[BotApi], PostedMessage]) -> PostedMessage:
    """Make a post that belongs into the topic, and see to it that it is there."""
    channel = channel_of(target)
    if channel.standing.has_topics is False:
        # Asked first, before anything is posted there.
        _check_that_topics_are_back(channel)
    try:
        posted = post(take_call(channel))
    except TopicClosed:
        _open_although_closed(target)
        posted = post(take_call(channel, goes_on=True))
    if posted.thread_id != target.thread_id:
        # With topics switched off, Telegram accepts the post and shows it to everybody unsorted.
        _take_back(channel, posted)
        watching.note_topics(channel, has_topics=False)
        raise NotAForum("the post did not land in its topic")
    watching.note_success(channel, of="post")
    return posted


def pin(channel: DecryptedChannel, posted: PostedInTopic | PostedReminder) -> None:
    """Pin a post of ours, if the group lets us."""
    try:
        bot = take_call(channel)
        bot.pin_chat_message(chat_id=channel.chat_id, message_id=posted.message_id)
    except NeedsAttention as error:
        # Not worth holding messages back; if more than the pin is wrong, they will tell.
        logger.warning("pin_refused", error=str(error))
        watching.note_refusal(channel, error)


def require_group(
    channel: DecryptedChannel, posted: PostedInTopic | PostedReminder
) -> DecryptedChannel:
    """The channel, if the post is in its group; raises Expired otherwise.

    Messages are numbered by group: the same number is another message in another group.
    """
    if (posted.channel, posted.chat_id) != (channel.id, channel.chat_id):
        raise Expired("the message is in a former group")
    return channel


def remove_topic(
    channel: DecryptedChannel,
    thread_id: int,
    *,
    timeout_seconds: float | None = None,
    goes_on: bool = False,
) -> None:
    """Delete a topic with everything in it; one that is gone already is as good.

    Raises DeliveryError when the bot lacks the right, and what Telegram and its budget raise
    otherwise. The missing right is not worth holding customers' messages back for: the item is
    tried again some times and then stays on the list of dead ones, with this reason.
    """
    bot = take_call(channel, timeout_seconds=timeout_seconds, goes_on=goes_on)
    try:
        bot.delete_forum_topic(chat_id=channel.chat_id, thread_id=thread_id)
    except TopicGone:
        logger.debug("topic_gone_already")
    except RightsMissing as error:
        watching.note_refusal(channel, error)
        advice = "Make the bot an admin who may delete messages, then retry."
        raise DeliveryError(f"{error}. {advice}") from error


def _ready(target: TopicTarget) -> TopicTarget:
    """The target with a topic that begins with the controls."""
    if target.thread_id is None:
        target = _make_topic(target)
    if target.controls_message_id is None:
        target = _post_controls(target)
    return target


def _make_topic(target: TopicTarget) -> TopicTarget:
    channel = channel_of(target)
    bot = take_call(channel)
    try:
        thread_id = bot.create_forum_topic(chat_id=channel.chat_id, name=target.title)
    except Refused as error:
        # For whatever reason: without a topic nothing of this conversation can be shown.
        raise DeliveryError(str(error)) from error
    # At once, not with the item: whatever fails later must find this topic and not make another.
    is_its = topic_records.remember_topic(
        tenant_id=channel.tenant_id,
        conversation_id=target.conversation_id,
        topic=channel.topic(thread_id),
        title=target.title,
        bot_id=channel.bot_id,
    )
    if not is_its:
        raise _another_topic()
    watching.note_success(channel, of="topic")
    return replace(target, thread_id=thread_id, controls_message_id=None, is_closed=False)


def _post_controls(target: TopicTarget) -> TopicTarget:
    head = texts.CONTROLS.format(codename=target.title)
    content = topic_records.read_visitor_post(target).after(head)
    posted = send(
        target,
        content.text,
        code_from=content.code_from,
        keyboard=texts.controls_keyboard(target.conversation_id),
    )
    shown = {"controls_message_id": posted.message_id, "bot_id": channel_of(target).bot_id}
    if not topic_records.note_shown(target, **shown):
        raise _another_topic()
    return replace(target, controls_message_id=posted.message_id)


def _another_topic() -> DeliveryError:
    """What was to be posted goes there."""
    return DeliveryError("the conversation has another topic by now", retry_after_seconds=0)


def _forget_topic(target: TopicTarget, error: TopicGone) -> None:
    """The one that the call was made to: the conversation may have another one by now."""
    assert target.channel is not None
    assert error.thread_id is not None
    topic_records.forget_topic(
        tenant_id=target.channel.tenant_id,
        conversation_id=target.conversation_id,
        topic=target.channel.topic(error.thread_id),
    )


def _open_although_closed(target: TopicTarget) -> None:
    """A bot that may not manage topics can still open the ones it has made."""
    channel = channel_of(target)
    assert target.thread_id is not None
    try:
        bot = take_call(channel, goes_on=True)
        bot.reopen_forum_topic(chat_id=channel.chat_id, thread_id=target.thread_id)
    except AlreadySo:
        logger.debug("topic_open_already")


def _check_that_topics_are_back(channel: DecryptedChannel) -> None:
    if not BotApi(channel.bot_token).is_forum(chat_id=channel.chat_id):
        raise NotAForum("the group has no topics")
    watching.note_topics(channel, has_topics=True)


def _take_back(channel: DecryptedChannel, posted: PostedMessage) -> None:
    try:
        BotApi(channel.bot_token).delete_message(
            chat_id=channel.chat_id, message_id=posted.message_id
        )
    except TelegramError as error:
        logger.warning("stray_post_not_taken_back", error=str(error))
