"""Inbound updates, with just the fields we read. Whatever else Telegram sends is ignored."""

from typing import Annotated

import msgspec

from channels_telegram.entities import Reading, read
from kernel.text import is_visible, single_line, without_hidden_controls

# Telegram's ids fit in 52 bits; whatever is larger is not from Telegram.
TelegramId = Annotated[int, msgspec.Meta(ge=-(2**52), le=2**52)]

ANONYMOUS_ADMIN_ID = 1087968824

# The kinds of content that are no words. `giveaway` is none: no agent answers a customer with one.
CONTENT = (
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "document",
    "game",
    "invoice",
    "live_photo",
    "location",
    "paid_media",
    "photo",
    "poll",
    "rich_message",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
)
# A field whose presence says enough stays as it came: its shape cannot make an update unreadable.
_ABSENT = msgspec.Raw()


def is_given(field: msgspec.Raw) -> bool:
    """Whether Telegram has sent this field."""
    return bytes(field) not in (b"", b"null")


class User(msgspec.Struct):
    """Who acts; only the id is stable."""

    id: TelegramId
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""

    @property
    def full_name(self) -> str:
        """The name as Telegram shows it, in one line; the username of who shows none, or empty."""
        name = single_line(without_hidden_controls(f"{self.first_name} {self.last_name}"))
        return name if is_visible(name) else self.username


class Chat(msgspec.Struct):
    """A group, channel or private chat; `is_forum` where it has topics."""

    id: TelegramId
    is_forum: bool = False


class TopicCreated(msgspec.Struct):
    """A topic was made."""

    name: str = ""


class RepliedMessage(msgspec.Struct, rename={"sender": "from"}):
    """What a message replies to."""

    message_id: TelegramId
    sender: User | None = None
    forum_topic_created: msgspec.Raw = _ABSENT


class Message(msgspec.Struct, rename={"sender": "from"}):
    """A message or service message. A thread id means a topic only with `is_topic_message`."""

    message_id: TelegramId
    chat: Chat
    sender: User | None = None
    sender_chat: Chat | None = None
    date: int = 0
    edit_date: int = 0
    # A post of the channel that is linked to the group.
    is_automatic_forward: bool = False
    message_thread_id: TelegramId | None = None
    is_topic_message: bool = False
    text: str | None = None
    entities: msgspec.Raw = _ABSENT
    caption: str | None = None
    caption_entities: msgspec.Raw = _ABSENT
    reply_to_message: RepliedMessage | None = None
    # The items of an album arrive as messages of their own.
    media_group_id: str = ""
    # Of what Telegram reports about the group, these mean something to us.
    forum_topic_created: TopicCreated | None = None
    forum_topic_closed: msgspec.Raw = _ABSENT
    forum_topic_reopened: msgspec.Raw = _ABSENT
    migrate_to_chat_id: TelegramId | None = None
    migrate_from_chat_id: TelegramId | None = None
    # What a person can send besides words.
    animation: msgspec.Raw = _ABSENT
    audio: msgspec.Raw = _ABSENT
    checklist: msgspec.Raw = _ABSENT
    contact: msgspec.Raw = _ABSENT
    dice: msgspec.Raw = _ABSENT
    document: msgspec.Raw = _ABSENT
    game: msgspec.Raw = _ABSENT
    invoice: msgspec.Raw = _ABSENT
    live_photo: msgspec.Raw = _ABSENT
    location: msgspec.Raw = _ABSENT
    paid_media: msgspec.Raw = _ABSENT
    photo: msgspec.Raw = _ABSENT
    poll: msgspec.Raw = _ABSENT
    rich_message: msgspec.Raw = _ABSENT
    sticker: msgspec.Raw = _ABSENT
    story: msgspec.Raw = _ABSENT
    venue: msgspec.Raw = _ABSENT
    video: msgspec.Raw = _ABSENT
    video_note: msgspec.Raw = _ABSENT
    voice: msgspec.Raw = _ABSENT

    @property
    def sender_id(self) -> int | None:
        """Who has written it; None for a channel."""
        return None if self.sender is None else self.sender.id

    @property
    def topic_id(self) -> int | None:
        """The topic it is in; None for General and for chats without topics."""
        return self.message_thread_id if self.is_topic_message else None

    @property
    def replies_to(self) -> RepliedMessage | None:
        """What its author replies to. Each other message of a topic names the topic's beginning."""
        replied = self.reply_to_message
        if replied is None or is_given(replied.forum_topic_created):
            return None
        return None if replied.message_id == self.message_thread_id else replied

    @property
    def words(self) -> str:
        """What a customer can be shown of it; empty for media without a caption.

        Where its links lead is written behind their words.
        """
        return self._reading.text.replace("\x00", "").strip()

    @property
    def has_all_addresses(self) -> bool:
        """Whether the words name the address of each link; False where they would be too long."""
        return self._reading.is_whole

    @property
    def _reading(self) -> Reading:
        if self.text is not None:
            return read(self.text, bytes(self.entities))
        return read(self.caption or "", bytes(self.caption_entities))

    @property
    def content_kind(self) -> str:
        """Which kind of content it is, as Telegram names the field; `text` for words alone."""
        # A venue comes with its location; the other kinds with a companion stand before it.
        kinds = ("venue", *CONTENT)
        return next((kind for kind in kinds if is_given(getattr(self, kind))), "text")

    @property
    def has_content(self) -> bool:
        """Whether a person says something with it.

        All else is taken for a report about the group: Telegram adds kinds of reports each month,
        and none of them may draw an answer or reach a customer.
        """
        return (
            bool(self.text)
            or bool(self.caption)
            or any(is_given(getattr(self, kind)) for kind in CONTENT)
        )

    @property
    def is_closing(self) -> bool:
        """Whether it reports that its topic was closed."""
        return is_given(self.forum_topic_closed)

    @property
    def is_reopening(self) -> bool:
        """Whether it reports that its topic was opened again."""
        return is_given(self.forum_topic_reopened)


class CallbackQuery(msgspec.Struct, rename={"sender": "from"}):
    """A pressed button. `data` is what a client claims, so it proves nothing."""

    id: str
    sender: User
    message: Message | None = None
    data: str = ""


class ChatMember(msgspec.Struct):
    """A membership; `status` is creator, administrator, member, restricted, left or kicked.

    Telegram names rights for administrators only, and what may be written for restricted ones.
    """

    status: str = ""
    is_member: bool = True
    can_send_messages: bool = True
    can_manage_topics: bool = False
    can_pin_messages: bool = False
    can_delete_messages: bool = False


class ChatMemberUpdated(msgspec.Struct):
    """Our own membership has changed."""

    chat: Chat
    new_chat_member: ChatMember
    date: int = 0


class Update(msgspec.Struct):
    """One inbound object; at most one of the fields is set."""

    update_id: TelegramId
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None


_decoder = msgspec.json.Decoder(Update)


class UnreadableUpdate(ValueError):
    """The body is no update, or one of an unexpected shape."""


def parse_update(body: bytes) -> Update:
    """The update in a webhook's body; raises UnreadableUpdate."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableUpdate(str(error)[:200]) from None
