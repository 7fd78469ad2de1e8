"""Records as the Bot API shows them: User, Chat, ChatMember, Message."""

from __future__ import annotations

from telegram_simulator.records import (
    ADMIN_RIGHTS,
    ANONYMOUS_ADMIN_ID,
    GENERAL,
    Bot,
    Group,
    Json,
    Member,
    Message,
    Standing,
    User,
)
from telegram_simulator.store import Store

CHANNEL_BOT_ID = 136817688
_STAND_INS = {
    ANONYMOUS_ADMIN_ID: User(
        id=ANONYMOUS_ADMIN_ID, first_name="Group", username="GroupAnonymousBot", is_bot=True
    ),
    CHANNEL_BOT_ID: User(
        id=CHANNEL_BOT_ID, first_name="Channel", username="Channel_Bot", is_bot=True
    ),
}


def user(record: User) -> Json:
    shown: Json = {
        "id": record.id,
        "is_bot": record.is_bot,
        "first_name": record.first_name,
    }
    if record.last_name:
        shown["last_name"] = record.last_name
    if record.username:
        shown["username"] = record.username
    return shown


def account(store: Store, user_id: int) -> User:
    """The account of this id; an account unknown to the simulator is a person without a name."""
    known = store.users.get(user_id) or _STAND_INS.get(user_id)
    return known or User(id=user_id, first_name="")


def me(store: Store, bot: Bot) -> Json:
    """getMe's answer."""
    return {
        **user(account(store, bot.id)),
        "can_join_groups": True,
        "can_read_all_group_messages": not bot.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


def chat(group: Group) -> Json:
    shown: Json = {"id": group.id, "title": group.title, "type": group.type}
    if group.is_forum:
        shown["is_forum"] = True
    return shown


def chat_full(store: Store, group: Group) -> Json:
    """getChat's answer."""
    shown: Json = {
        **chat(group),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
        "permissions": {
            "can_send_messages": True,
            "can_send_audios": True,
            "can_send_documents": True,
            "can_send_photos": True,
            "can_send_videos": True,
            "can_send_video_notes": True,
            "can_send_voice_notes": True,
            "can_send_polls": True,
            "can_send_other_messages": True,
            "can_add_web_page_previews": True,
            "can_change_info": False,
            "can_invite_users": True,
            "can_pin_messages": False,
            "can_manage_topics": False,
        },
        "has_visible_history": True,
    }
    if group.pinned and (newest := store.messages.get((group.id, group.pinned[-1]))):
        shown["pinned_message"] = message(store, newest)
    return shown


def chat_member(store: Store, group: Group, user_id: int) -> Json:
    """A ChatMember; an account that never joined has left, as Telegram puts it."""
    member = group.members.get(user_id) or Member(user_id, Standing.LEFT)
    shown: Json = {"status": str(member.standing), "user": user(account(store, user_id))}
    match member.standing:
        case Standing.ADMINISTRATOR:
            shown["can_be_edited"] = False
            shown["is_anonymous"] = False
            shown.update({right: right in member.rights for right in ADMIN_RIGHTS})
            shown["can_send_welcome_messages"] = False
        case Standing.CREATOR:
            shown["is_anonymous"] = False
        case Standing.RESTRICTED:
            shown["is_member"] = True
            shown["until_date"] = 0
            shown["can_send_messages"] = member.can_send
        case Standing.KICKED:
            shown["until_date"] = 0
    if member.custom_title:
        shown["custom_title"] = member.custom_title
    return shown


def message(store: Store, record: Message, *, nested: bool = False) -> Json:
    """A Message. `nested` is for the one inside another: it carries no reply of its own."""
    group = store.groups[record.chat_id]
    shown: Json = {"message_id": record.message_id}
    in_topic = record.thread_id != GENERAL and group.is_forum
    if in_topic:
        shown["message_thread_id"] = record.thread_id
    elif record.chain_id:
        shown["message_thread_id"] = record.chain_id
    shown["from"] = user(account(store, record.from_id))
    if record.sender_chat_id:
        shown["sender_chat"] = _sender_chat(store, record.sender_chat_id)
    if record.author_signature:
        shown["author_signature"] = record.author_signature
    shown["chat"] = chat(group)
    shown["date"] = record.date
    if in_topic:
        shown["is_topic_message"] = True
    if record.edit_date:
        shown["edit_date"] = record.edit_date
    if not nested:
        _add_reply(store, record, shown, in_topic)
    if record.media_group_id:
        shown["media_group_id"] = record.media_group_id
    if record.is_protected:
        shown["has_protected_content"] = True
    _add_content(store, record, shown)
    if record.reply_markup:
        shown["reply_markup"] = record.reply_markup
    return shown


def inaccessible(group: Group, message_id: int) -> Json:
    """What stands for a deleted message: it is told by its date of 0."""
    return {"chat": chat(group), "message_id": message_id, "date": 0}


def _sender_chat(store: Store, chat_id: int) -> Json:
    group = store.groups.get(chat_id)
    return chat(group) if group else {"id": chat_id, "title": "Channel", "type": "channel"}


def _add_reply(store: Store, record: Message, shown: Json, in_topic: bool) -> None:
    # A plain message of a topic answers, for Telegram, the message that created the topic.
    target_id = record.reply_to or (record.thread_id if in_topic and not record.is_service else 0)
    if target_id and target_id != record.message_id:
        target = store.messages.get((record.chat_id, target_id))
        if target is not None:
            shown["reply_to_message"] = message(store, target, nested=True)
    if record.external_reply_to:
        target = store.messages.get((record.chat_id, record.external_reply_to))
        if target is not None:
            shown["external_reply"] = {
                "origin": {
                    "type": "user",
                    "sender_user": user(account(store, target.from_id)),
                    "date": target.date,
                },
                "chat": shown["chat"],
                "message_id": target.message_id,
            }
    if record.quote:
        shown["quote"] = {"text": record.quote, "position": 0, "is_manual": True}


def _add_content(store: Store, record: Message, shown: Json) -> None:
    if record.kind == "text":
        shown["text"] = record.text
        if record.entities:
            shown["entities"] = record.entities
        return
    if record.kind == "pinned_message":
        pinned_id = record.content["message_id"]
        pinned = store.messages.get((record.chat_id, pinned_id))
        shown["pinned_message"] = (
            message(store, pinned, nested=True)
            if pinned
            else inaccessible(store.groups[record.chat_id], pinned_id)
        )
        return
    shown.update(record.content)
    if record.text:
        shown["caption"] = record.text
        if record.entities:
            shown["caption_entities"] = record.entities
