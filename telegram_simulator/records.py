"""Everything the simulated Telegram remembers, as typed records.

Each record is one line of the state file, so its `tag` is part of that file's format. Times are
seconds since 1970 on the simulator's own clock. Thread 0 stands for the General topic (and for a
group without topics); a real topic's thread id is the id of the message that created it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct, field

Json = dict[str, Any]

GENERAL = 0
"""Thread of the General topic: messages there carry no thread id on the wire."""

ANONYMOUS_ADMIN_ID = 1087968824
"""Telegram's own account that stands in for every admin who writes as the group."""


class Standing(StrEnum):
    """What a member is in a group, in Telegram's words."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
BOT_RIGHTS = frozenset(ADMIN_RIGHTS) - {"can_promote_members"}
"""The rights a support bot gets when a group is made: all but promoting others."""


class User(Struct, tag_field="record", tag="user", omit_defaults=True):
    """A person or a bot account."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    is_bot: bool = False


class Webhook(Struct, omit_defaults=True):
    """A bot's webhook settings and what delivery has to say about them."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    allowed_updates: list[str] | None = None
    last_error_date: int = 0
    last_error_message: str = ""
    gone_since: float = 0.0
    """When the receiver began answering 410; after 23 hours of it the webhook is removed."""


class Bot(Struct, tag_field="record", tag="bot", omit_defaults=True):
    """A bot account with its token and settings."""

    id: int
    token: str
    privacy: bool = True
    """With privacy on, a bot that is no admin sees only what is addressed to it."""
    sees_bots: bool = False
    """Bot-to-bot mode: messages of other bots in the group reach this one too."""
    revoked: bool = False
    next_update_id: int = 0
    webhook: Webhook = field(default_factory=Webhook)
    commands: list[Json] = field(default_factory=list)


class Member(Struct, omit_defaults=True):
    """One account's place in one group."""

    user_id: int
    standing: Standing = Standing.MEMBER
    rights: set[str] = field(default_factory=set)
    custom_title: str = ""
    can_send: bool = True
    """False for a restricted member that may only read."""


class Group(Struct, tag_field="record", tag="group", omit_defaults=True):
    """A group chat; `type` is `supergroup` or, before an upgrade, `group`."""

    id: int
    title: str
    type: str = "supergroup"
    is_forum: bool = True
    members: dict[int, Member] = field(default_factory=dict)
    next_message_id: int = 2
    pinned: list[int] = field(default_factory=list)
    """Ids of the pinned messages of all topics, oldest pin first."""
    migrated_to: int = 0
    general_closed: bool = False


class Topic(Struct, tag_field="record", tag="topic", omit_defaults=True):
    """A forum topic. A deleted one is kept so that its id stays known as gone."""

    chat_id: int
    thread_id: int
    name: str
    icon_color: int
    creator_id: int
    icon_custom_emoji_id: str = ""
    is_closed: bool = False
    is_deleted: bool = False


class Message(Struct, tag_field="record", tag="message", omit_defaults=True):
    """One message; `content` holds the field that names its kind when it is not plain text."""

    chat_id: int
    message_id: int
    date: int
    from_id: int
    thread_id: int = GENERAL
    kind: str = "text"
    """`text`, a medium (`sticker`, `voice`, …) or the name of the service event."""
    is_service: bool = False
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    content: Json = field(default_factory=dict)
    sender_chat_id: int = 0
    author_signature: str = ""
    edit_date: int = 0
    reply_to: int = 0
    chain_id: int = 0
    """First message of a reply chain outside topics, which Telegram reports as a thread id."""
    external_reply_to: int = 0
    quote: str = ""
    media_group_id: str = ""
    reply_markup: Json | None = None
    reactions: dict[int, list[str]] = field(default_factory=dict)
    is_silent: bool = False
    is_protected: bool = False


class File(Struct, tag_field="record", tag="file", omit_defaults=True):
    """Something that `getFile` can find; `size` may exceed the stored `content`."""

    file_id: str
    file_unique_id: str
    path: str
    size: int
    bot_id: int = 0
    """0: any bot may use the id."""
    content: bytes = b""


class PendingUpdate(Struct, tag_field="record", tag="update", omit_defaults=True):
    """An update that its bot has not confirmed yet; `body` is the exact JSON to deliver."""

    bot_id: int
    update_id: int
    kind: str
    lane: str
    """Updates of one lane leave strictly one after another."""
    date: float
    body: str


class Forgotten(Struct, tag_field="record", tag="forgotten", omit_defaults=True):
    """A line of the state file that takes back an earlier record."""

    table: str
    key: list[int | str]


Record = User | Bot | Group | Topic | Message | File | PendingUpdate | Forgotten
