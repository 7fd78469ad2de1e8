"""Inbound updates, with just the fields we read. Whatever else Telegram sends is ignored."""

from typing import Annotated, Any

import msgspec

# Telegram's ids fit in 52 bits; whatever is larger is not from Telegram.
TelegramId = Annotated[int, msgspec.Meta(ge=-(2**52), le=2**52)]

ANONYMOUS_ADMIN_ID = 1087968824


class User(msgspec.Struct):
    """Who acts; only the id is stable."""

    id: TelegramId
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""

    @property
    def full_name(self) -> str:
        """The name as Telegram shows it, or an empty text."""
        return f"{self.first_name} {self.last_name}".strip() or self.username


class Chat(msgspec.Struct):
    """A group, channel or private chat."""

    id: TelegramId


class Message(msgspec.Struct, rename={"sender": "from"}):
    """A message or service message. A thread id means a topic only with `is_topic_message`."""

    message_id: TelegramId
    chat: Chat
    sender: User | None = None
    sender_chat: Chat | None = None
    date: int = 0
    message_thread_id: TelegramId | None = None
    is_topic_message: bool = False
    text: str | None = None
    caption: str | None = None
    # The items of an album arrive as messages of their own.
    media_group_id: str = ""
    forum_topic_created: dict[str, Any] | None = None
    forum_topic_edited: dict[str, Any] | None = None
    forum_topic_closed: dict[str, Any] | None = None
    forum_topic_reopened: dict[str, Any] | None = None
    migrate_to_chat_id: TelegramId | None = None
    migrate_from_chat_id: TelegramId | None = None
    pinned_message: dict[str, Any] | None = None
    new_chat_members: list[dict[str, Any]] | None = None
    left_chat_member: dict[str, Any] | None = None
    new_chat_title: str | None = None
    new_chat_photo: list[dict[str, Any]] | None = None
    delete_chat_photo: bool | None = None
    message_auto_delete_timer_changed: dict[str, Any] | None = None
    general_forum_topic_hidden: dict[str, Any] | None = None
    general_forum_topic_unhidden: dict[str, Any] | None = None
    video_chat_started: dict[str, Any] | None = None
    video_chat_ended: dict[str, Any] | None = None
    video_chat_scheduled: dict[str, Any] | None = None
    video_chat_participants_invited: dict[str, Any] | None = None
    boost_added: dict[str, Any] | None = None
    chat_background_set: dict[str, Any] | None = None

    @property
    def topic_id(self) -> int | None:
        """The topic it is in; None for General and for chats without topics."""
        return self.message_thread_id if self.is_topic_message else None

    @property
    def is_service(self) -> bool:
        """Whether it reports something about the group rather than say something."""
        return any(
            event is not None
            for event in (
                self.forum_topic_created,
                self.forum_topic_edited,
                self.forum_topic_closed,
                self.forum_topic_reopened,
                self.migrate_to_chat_id,
                self.migrate_from_chat_id,
                self.pinned_message,
                self.new_chat_members,
                self.left_chat_member,
                self.new_chat_title,
                self.new_chat_photo,
                self.delete_chat_photo,
                self.message_auto_delete_timer_changed,
                self.general_forum_topic_hidden,
                self.general_forum_topic_unhidden,
                self.video_chat_started,
                self.video_chat_ended,
                self.video_chat_scheduled,
                self.video_chat_participants_invited,
                self.boost_added,
                self.chat_background_set,
            )
        )


class CallbackQuery(msgspec.Struct, rename={"sender": "from"}):
    """A pressed button. `data` is what a client claims, so it proves nothing."""

    id: str
    sender: User
    message: Message | None = None
    data: str = ""


class ChatMember(msgspec.Struct):
    """A membership; `status` is member, administrator, left, kicked …"""

    status: str = ""


class ChatMemberUpdated(msgspec.Struct):
    """Our own membership has changed."""

    chat: Chat
    new_chat_member: ChatMember


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
