"""Parameters of the methods we serve, checked against Bot API 10.3.

Only what Telegram documents is listed, with its types; what is optional has a default. Strict mode
refuses everything else, also `null`: a caller leaves out what it does not want to say. Limits with
an error text of their own are applied by the methods; `over_limit` only names them as violations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from telegram_simulator.records import Json
from telegram_simulator.text import MAX_CAPTION_UNITS, MAX_TEXT_UNITS, MAX_TOPIC_NAME, units

ChatId = int | str
CALLBACK_DATA_BYTES = 64


class Part(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all parameter objects."""


class Params(Part, kw_only=True):
    """Base of all methods' parameters."""

    def over_limit(self) -> Iterator[str]:
        """Documented limits that this call exceeds."""
        return iter(())


class InlineKeyboardButton(Part, kw_only=True):
    text: str
    callback_data: str = ""
    url: str = ""
    style: str = ""
    icon_custom_emoji_id: str = ""
    switch_inline_query: str | UnsetType = UNSET
    switch_inline_query_current_chat: str | UnsetType = UNSET
    switch_inline_query_chosen_chat: Json | UnsetType = UNSET
    copy_text: Json | UnsetType = UNSET
    callback_game: Json | UnsetType = UNSET
    disabled: Json | UnsetType = UNSET
    web_app: Json | UnsetType = UNSET
    login_url: Json | UnsetType = UNSET
    pay: bool = False


class InlineKeyboardMarkup(Part, kw_only=True):
    inline_keyboard: list[list[InlineKeyboardButton]]
    force_reply: bool = False

    def over_limit(self) -> Iterator[str]:
        for button in (button for row in self.inline_keyboard for button in row):
            if len(button.callback_data.encode()) > CALLBACK_DATA_BYTES:
                yield "callback_data is longer than 64 bytes"


class MessageEntity(Part, kw_only=True):
    type: str
    offset: int
    length: int
    url: str = ""
    user: Json | UnsetType = UNSET
    language: str = ""
    custom_emoji_id: str = ""
    unix_time: int = 0
    date_time_format: str = ""


class ReplyParameters(Part, kw_only=True):
    message_id: int = 0
    chat_id: ChatId = 0
    ephemeral_message_id: int = 0
    allow_sending_without_reply: bool = False
    quote: str = ""
    quote_parse_mode: str = ""
    quote_entities: list[MessageEntity] = []
    quote_position: int = 0
    checklist_task_id: int = 0
    poll_option_id: str = ""


class LinkPreviewOptions(Part, kw_only=True):
    is_disabled: bool = False
    url: str = ""
    prefer_small_media: bool = False
    prefer_large_media: bool = False
    show_above_text: bool = False


class BotCommand(Part, kw_only=True):
    command: Annotated[str, Meta(pattern="^[a-z0-9_]{1,32}$")]
    description: Annotated[str, Meta(min_length=1, max_length=256)]
    is_ephemeral: bool = False


class BotCommandScope(Part, kw_only=True):
    type: str
    chat_id: ChatId = 0
    user_id: int = 0


class Reaction(Part, kw_only=True):
    type: str
    emoji: str = ""
    custom_emoji_id: str = ""


class Nothing(Params, kw_only=True):
    """A method without parameters."""


class OfChat(Params, kw_only=True):
    chat_id: ChatId


class GetChatMember(OfChat, kw_only=True):
    user_id: int


class SetWebhook(Params, kw_only=True):
    url: str
    certificate: str = ""
    ip_address: str = ""
    max_connections: int = 40
    allowed_updates: list[str] | UnsetType = UNSET
    drop_pending_updates: bool = False
    secret_token: str = ""


class DeleteWebhook(Params, kw_only=True):
    drop_pending_updates: bool = False


class GetUpdates(Params, kw_only=True):
    offset: int = 0
    limit: int = 100
    timeout: int = 0
    allowed_updates: list[str] | UnsetType = UNSET


class SetMyCommands(Params, kw_only=True):
    commands: Annotated[list[BotCommand], Meta(max_length=100)]
    scope: BotCommandScope | UnsetType = UNSET
    language_code: str = ""


class GetFile(Params, kw_only=True):
    file_id: str


class CreateForumTopic(OfChat, kw_only=True):
    name: str
    icon_color: int = 0
    icon_custom_emoji_id: str = ""

    def over_limit(self) -> Iterator[str]:
        if len(self.name) > MAX_TOPIC_NAME:
            yield "name is longer than 128 characters"


class OfTopic(OfChat, kw_only=True):
    message_thread_id: int


class EditForumTopic(OfTopic, kw_only=True):
    name: str = ""
    icon_custom_emoji_id: str | UnsetType = UNSET

    def over_limit(self) -> Iterator[str]:
        if len(self.name) > MAX_TOPIC_NAME:
            yield "name is longer than 128 characters"


class Texted(Params, kw_only=True):
    """What sending and editing a text have in common."""

    text: str = ""
    parse_mode: str = ""
    entities: list[MessageEntity] = []
    link_preview_options: LinkPreviewOptions | UnsetType = UNSET
    reply_markup: InlineKeyboardMarkup | UnsetType = UNSET
    business_connection_id: str = ""

    def over_limit(self) -> Iterator[str]:
        if not self.parse_mode and units(self.text) > MAX_TEXT_UNITS:
            yield "text is longer than 4096 UTF-16 units"
        if self.reply_markup is not UNSET:
            yield from self.reply_markup.over_limit()


class SendMessage(Texted, kw_only=True):
    chat_id: ChatId
    text: str
    message_thread_id: int = 0
    direct_messages_topic_id: int = 0
    ephemeral_message_parameters: Json | UnsetType = UNSET
    disable_notification: bool = False
    protect_content: bool = False
    allow_paid_broadcast: bool = False
    message_effect_id: str = ""
    suggested_post_parameters: Json | UnsetType = UNSET
    reply_parameters: ReplyParameters | UnsetType = UNSET


class Upload(Struct, kw_only=True):
    """A file within a form."""

    file_name: str
    data: bytes


class SendFile(Params, kw_only=True):
    """What sendPhoto and sendDocument have in common."""

    chat_id: ChatId
    message_thread_id: int = 0
    direct_messages_topic_id: int = 0
    caption: str = ""
    parse_mode: str = ""
    caption_entities: list[MessageEntity] = []
    reply_markup: InlineKeyboardMarkup | UnsetType = UNSET
    business_connection_id: str = ""
    disable_notification: bool = False
    protect_content: bool = False
    allow_paid_broadcast: bool = False
    message_effect_id: str = ""
    reply_parameters: ReplyParameters | UnsetType = UNSET

    def over_limit(self) -> Iterator[str]:
        if not self.parse_mode and units(self.caption) > MAX_CAPTION_UNITS:
            yield "caption is longer than 1024 UTF-16 units"
        if self.reply_markup is not UNSET:
            yield from self.reply_markup.over_limit()


class SendPhoto(SendFile, kw_only=True):
    photo: Upload | str
    show_caption_above_media: bool = False
    has_spoiler: bool = False


class SendDocument(SendFile, kw_only=True):
    document: Upload | str
    thumbnail: str = ""
    disable_content_type_detection: bool = False


class EditMessageText(Texted, kw_only=True):
    chat_id: ChatId = 0
    message_id: int = 0
    inline_message_id: str = ""
    rich_message: Json | UnsetType = UNSET


class EditMessageReplyMarkup(Params, kw_only=True):
    business_connection_id: str = ""
    chat_id: ChatId = 0
    message_id: int = 0
    inline_message_id: str = ""
    reply_markup: InlineKeyboardMarkup | UnsetType = UNSET

    def over_limit(self) -> Iterator[str]:
        if self.reply_markup is not UNSET:
            yield from self.reply_markup.over_limit()


class DeleteMessage(OfChat, kw_only=True):
    message_id: int


class PinChatMessage(OfChat, kw_only=True):
    message_id: int
    disable_notification: bool = False
    business_connection_id: str = ""


class UnpinChatMessage(OfChat, kw_only=True):
    message_id: int = 0
    business_connection_id: str = ""


class SendChatAction(OfChat, kw_only=True):
    action: str
    message_thread_id: int = 0
    business_connection_id: str = ""


class SetMessageReaction(OfChat, kw_only=True):
    message_id: int
    reaction: list[Reaction] = []
    is_big: bool = False


class AnswerCallbackQuery(Params, kw_only=True):
    callback_query_id: str
    text: Annotated[str, Meta(max_length=200)] = ""
    show_alert: bool = False
    url: str = ""
    cache_time: int = 0
