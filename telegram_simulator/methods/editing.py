"""Editing, deleting, pinning and reacting: what is done to messages that exist."""

from __future__ import annotations

from telegram_simulator import posting, wire
from telegram_simulator.errors import refusal
from telegram_simulator.methods.content import check_length, keyboard_of, text_of
from telegram_simulator.methods.registry import Call, Result, method
from telegram_simulator.records import GENERAL, Group, Message
from telegram_simulator.schema import (
    ChatId,
    DeleteMessage,
    EditMessageReplyMarkup,
    EditMessageText,
    PinChatMessage,
    SetMessageReaction,
    UnpinChatMessage,
)

DELETABLE_SECONDS = 48 * 3600
UNDELETABLE = frozenset({"forum_topic_created", "supergroup_chat_created", "migrate_from_chat_id"})


@method("editMessageText", EditMessageText)
def edit_message_text(call: Call, params: EditMessageText) -> Result:
    group, message = _own(call, params.chat_id, params.message_id)
    if message.kind != "text":
        raise refusal("no_text_to_edit")
    text, entities = text_of(params)
    keyboard = keyboard_of(params.reply_markup)
    call.spend(group, "edit")
    check_length(text)
    if (text, entities, keyboard) == (message.text, message.entities, message.reply_markup):
        raise refusal("not_modified")
    message.text, message.entities, message.reply_markup = text, entities, keyboard
    posting.changed(call.sim, message, edited=True)
    return wire.message(call.sim.store, message)


@method("editMessageReplyMarkup", EditMessageReplyMarkup)
def edit_message_reply_markup(call: Call, params: EditMessageReplyMarkup) -> Result:
    group, message = _own(call, params.chat_id, params.message_id)
    keyboard = keyboard_of(params.reply_markup)
    call.spend(group, "edit")
    if keyboard == message.reply_markup:
        raise refusal("not_modified")
    message.reply_markup = keyboard
    posting.changed(call.sim, message, edited=True)
    return wire.message(call.sim.store, message)


@method("deleteMessage", DeleteMessage)
def delete_message(call: Call, params: DeleteMessage) -> Result:
    group, message = _message(call, params.chat_id, params.message_id, "delete_not_found")
    is_own = message.from_id == call.bot.id
    age_seconds = call.sim.clock.now() - message.date
    if message.kind in UNDELETABLE or age_seconds > DELETABLE_SECONDS:
        raise refusal("cannot_delete")
    if not is_own and not call.may(group, "can_delete_messages"):
        raise refusal("cannot_delete")
    call.spend(group, "delete")
    posting.remove(call.sim, [message])
    return True


@method("pinChatMessage", PinChatMessage)
def pin_chat_message(call: Call, params: PinChatMessage) -> Result:
    group, message = _message(call, params.chat_id, params.message_id, "pin_not_found")
    if not call.may(group, "can_pin_messages"):
        raise refusal("no_right_pin")
    call.spend(group, "pin")
    posting.pin(call.sim, group, message, call.bot.id)
    return True


@method("unpinChatMessage", UnpinChatMessage)
def unpin_chat_message(call: Call, params: UnpinChatMessage) -> Result:
    """Without an id the newest pin goes."""
    group = call.group(params.chat_id)
    if not call.may(group, "can_pin_messages"):
        raise refusal("no_right_pin")
    message_id = params.message_id or (group.pinned[-1] if group.pinned else 0)
    if message_id not in group.pinned:
        raise refusal("unpin_not_found")
    call.spend(group, "pin")
    posting.unpin(call.sim, group, [message_id])
    return True


@method("setMessageReaction", SetMessageReaction)
def set_message_reaction(call: Call, params: SetMessageReaction) -> Result:
    """A bot may put one reaction; none takes it back."""
    group, message = _message(call, params.chat_id, params.message_id, "react_not_found")
    emoji = [reaction.emoji for reaction in params.reaction]
    if len(emoji) > 1 or any(reaction.type != "emoji" for reaction in params.reaction):
        raise refusal("reaction_invalid")
    call.spend(group, "reaction")
    if emoji:
        message.reactions[call.bot.id] = emoji
    else:
        message.reactions.pop(call.bot.id, None)
    posting.changed(call.sim, message)
    return True


def _message(call: Call, chat_id: ChatId, message_id: int, not_found: str) -> tuple[Group, Message]:
    group = call.group(chat_id)
    message = call.sim.store.messages.get((group.id, message_id))
    if message is None:
        raise refusal(not_found)
    if message.thread_id != GENERAL and not call.log.thread_id:
        call.log.thread_id = message.thread_id
    call.log.message_id = message_id
    return group, message


def _own(call: Call, chat_id: ChatId, message_id: int) -> tuple[Group, Message]:
    """A message of our bot; nobody can edit another's."""
    group, message = _message(call, chat_id, message_id, "edit_not_found")
    if message.from_id != call.bot.id or message.is_service:
        raise refusal("cannot_edit")
    return group, message
