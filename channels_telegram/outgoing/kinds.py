"""The kinds of this app's outbox items, and what an item of each kind carries.

`effects.py` makes the effects; the handlers are in `handlers.py` and `reminders.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from channels_telegram.bot_api import Keyboard
from channels_telegram.channels import TopicId
from conversations.attached import AttachedFile
from outbox.kinds import Kind
from outbox.models import Lane
from outbox.queueing import Payload


class ForTopic(Payload, frozen=True, kw_only=True):
    """What concerns a conversation's topic, whichever that is by then."""

    shown: ClassVar[frozenset[str]] = frozenset({"conversation", "channel", "is_pinned"})
    logged: ClassVar[Mapping[str, str]] = {"conversation": "conversation_id"}

    conversation: UUID


class CompletedMessage(msgspec.Struct, frozen=True):
    """The customer's message that the agents have whole after this post."""

    id: UUID
    seq: int


class TopicPost(ForTopic, frozen=True, kw_only=True):
    """A text for the topic; empty after its conversation was deleted."""

    shown: ClassVar[frozenset[str]] = ForTopic.shown | {"bold_units", "quoted_units", "code_from"}

    text: str = ""
    bold_units: int = 0
    # So many at the end.
    quoted_units: int = 0
    code_from: int = 0
    keyboard: Keyboard | None = None
    is_pinned: bool = False
    completes: CompletedMessage | None = None


class TopicFile(TopicPost, frozen=True, kw_only=True):
    """A file for the topic, its caption the text; none after its conversation was deleted."""

    file: AttachedFile | None = None


class Caption(ForTopic, frozen=True, kw_only=True):
    """The words of an agent's file; none after its conversation was deleted."""

    channel: UUID
    chat_id: int
    message_id: int
    text: str = ""


class FileToFetch(Caption, frozen=True, kw_only=True):
    """An agent's file and its caption; neither after its conversation was deleted."""

    agent: UUID
    file_id: str = ""
    name: str = ""
    # The bot that was told of it, for file ids are a bot's own; 0: the first one.
    bot_id: int = 0
    # Telegram's id of the album that it is in: one item's caption may speak for all of them.
    album: str = ""


class PostedInTopic(ForTopic, frozen=True, kw_only=True):
    """A post that was made. Messages are numbered by group: the number alone would not do."""

    channel: UUID
    chat_id: int
    message_id: int


class TopicReminder(ForTopic, frozen=True, kw_only=True):
    """A reminder for the topic; its text is empty after its conversation was deleted."""

    waiting_since: datetime
    number: int
    is_pinned: bool
    text: str = ""


class PostedReminder(TopicReminder, frozen=True, kw_only=True):
    """A reminder that was posted there."""

    channel: UUID
    chat_id: int
    message_id: int


class OfChannel(Payload, frozen=True, kw_only=True):
    """What concerns a channel, or one of its bots."""

    shown: ClassVar[frozenset[str]] = frozenset({"channel"})

    channel: UUID


class OfThread(OfChannel, frozen=True, kw_only=True):
    """What concerns a topic by its own address, of whichever conversation it is."""

    chat_id: int
    thread_id: int

    @property
    def topic(self) -> TopicId:
        """The topic."""
        return TopicId(channel_id=self.channel, chat_id=self.chat_id, thread_id=self.thread_id)


class StrayHint(OfThread, frozen=True, kw_only=True):
    """A text for a topic that belongs to no conversation."""

    text: str
    is_silent: bool


class ButtonAnswer(Payload, frozen=True, kw_only=True):
    """What an agent is told who has pressed a button of this channel's bot, else of the first."""

    channel: UUID | None = None
    callback_query_id: str
    text: str


class GeneralPost(Payload, frozen=True, kw_only=True):
    """A text for the group's root."""

    text: str
    is_silent: bool


OPEN_TOPIC = Kind("telegram.open_topic", ForTopic, lane=Lane.TOPIC)
POST = Kind("telegram.post", TopicPost, lane=Lane.CUSTOMER_MESSAGE)
POST_FILE = Kind("telegram.post_file", TopicFile, lane=Lane.CUSTOMER_MESSAGE)
FETCH_FILE = Kind("telegram.fetch_file", FileToFetch, lane=Lane.AGENT_ACTION)
CHANGE_CAPTION = Kind("telegram.change_caption", Caption, lane=Lane.AGENT_ACTION)
PIN = Kind("telegram.pin", PostedInTopic, lane=Lane.COSMETIC)
REMIND = Kind("telegram.remind", TopicReminder, lane=Lane.COSMETIC)
PIN_REMINDER = Kind("telegram.pin_reminder", PostedReminder, lane=Lane.COSMETIC)
UNPIN_REMINDER = Kind("telegram.unpin_reminder", PostedInTopic, lane=Lane.COSMETIC)
SYNC_TITLE = Kind("telegram.sync_title", ForTopic, lane=Lane.COSMETIC)
CLOSE_TOPIC = Kind("telegram.close_topic", ForTopic, lane=Lane.AGENT_ACTION)
CLOSE_TOPIC_LATER = Kind("telegram.close_topic_later", ForTopic, lane=Lane.COSMETIC)
REOPEN_TOPIC = Kind("telegram.reopen_topic", ForTopic, lane=Lane.CUSTOMER_MESSAGE)
DELETE_TOPIC = Kind("telegram.delete_topic", OfThread, lane=Lane.COSMETIC)
ANSWER_BUTTON = Kind("telegram.answer_button", ButtonAnswer, lane=Lane.AGENT_ACTION)
POST_IN_GENERAL = Kind("telegram.post_in_general", GeneralPost, lane=Lane.AGENT_ACTION)
HINT_IN_STRAY_TOPIC = Kind("telegram.hint_in_stray_topic", StrayHint, lane=Lane.COSMETIC)
SET_UP = Kind("telegram.set_up", OfChannel, lane=Lane.AGENT_ACTION)
LOOK = Kind("telegram.look", OfChannel, lane=Lane.AGENT_ACTION)
