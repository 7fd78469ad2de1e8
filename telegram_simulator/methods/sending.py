"""sendMessage, sendPhoto, sendDocument and sendChatAction."""

from __future__ import annotations

from msgspec import UNSET

from telegram_simulator import media, posting, wire
from telegram_simulator.errors import refusal
from telegram_simulator.methods.content import caption_of, check_length, keyboard_of, text_of
from telegram_simulator.methods.registry import Call, Result, method
from telegram_simulator.records import GENERAL, Group, Member, Message, Standing, Topic
from telegram_simulator.schema import (
    ReplyParameters,
    SendChatAction,
    SendDocument,
    SendFile,
    SendMessage,
    SendPhoto,
    Upload,
)

LARGEST_PHOTO_BYTES = 10 * 1024 * 1024
GENERAL_THREAD_ID = 1
"""How clients number the General topic; sends must leave it out."""


@method("sendMessage", SendMessage)
def send_message(call: Call, params: SendMessage) -> Result:
    group = call.group(params.chat_id)
    topic = _thread(call, group, params.message_thread_id)
    message = Message(
        chat_id=group.id,
        message_id=0,
        date=0,
        from_id=call.bot.id,
        thread_id=topic.thread_id if topic else GENERAL,
        is_silent=params.disable_notification,
        is_protected=params.protect_content,
    )
    if params.reply_parameters is not UNSET:
        _reply(call, group, message, params.reply_parameters, thread_given=topic is not None)
    _check_may_write(group.members[call.bot.id])
    message.text, message.entities = text_of(params)
    message.reply_markup = keyboard_of(params.reply_markup)
    call.spend(group, "send")
    _check_open(call, group, message.thread_id)
    check_length(message.text)
    posting.post(call.sim, group, message)
    call.log.message_id = message.message_id
    return wire.message(call.sim.store, message)


@method("sendPhoto", SendPhoto)
def send_photo(call: Call, params: SendPhoto) -> Result:
    """A picture: at most 10 MB, and not much longer than wide."""
    if isinstance(params.photo, Upload) and len(params.photo.data) > LARGEST_PHOTO_BYTES:
        raise refusal("photo_too_big")
    sent, params.photo = params.photo, ""
    return _send_file(call, params, "photo", sent)


@method("sendDocument", SendDocument)
def send_document(call: Call, params: SendDocument) -> Result:
    sent, params.document = params.document, ""
    return _send_file(call, params, "document", sent)


def _send_file(call: Call, params: SendFile, kind: str, sent: Upload | str) -> Result:
    if isinstance(sent, str):
        raise refusal("file_id_invalid")
    group = call.group(params.chat_id)
    topic = _thread(call, group, params.message_thread_id)
    _check_may_write(group.members[call.bot.id])
    caption, entities = caption_of(params)
    call.spend(group, "send")
    message = Message(
        chat_id=group.id,
        message_id=0,
        date=0,
        from_id=call.bot.id,
        thread_id=topic.thread_id if topic else GENERAL,
        kind=kind,
        text=caption,
        entities=entities,
        reply_markup=keyboard_of(params.reply_markup),
        is_silent=params.disable_notification,
        is_protected=params.protect_content,
    )
    _check_open(call, group, message.thread_id)
    if not sent.data:
        raise refusal("file_empty")
    message.content = media.content(call.sim, kind, name=sent.file_name, data=sent.data)
    posting.post(call.sim, group, message)
    call.log.message_id = message.message_id
    return wire.message(call.sim.store, message)


@method("sendChatAction", SendChatAction)
def send_chat_action(call: Call, params: SendChatAction) -> Result:
    """Answers True even for a deleted topic: no probe of anything."""
    group = call.group(params.chat_id)
    _check_may_write(group.members[call.bot.id])
    call.sim.pacer.act(call.sim.clock.now(), call.bot.id, group.id)
    call.sim.changes.tell(
        "action",
        chat_id=group.id,
        thread_id=params.message_thread_id,
        bot_id=call.bot.id,
        ref=params.action,
    )
    return True


def _thread(call: Call, group: Group, thread_id: int) -> Topic | None:
    """The topic to write into; None stands for the plain group or its General topic."""
    if not thread_id:
        return None
    if not group.is_forum:
        # Topics were switched off: the real server drops the thread and posts for everybody.
        return None
    topic = call.sim.store.topics.get((group.id, thread_id))
    if thread_id == GENERAL_THREAD_ID or topic is None:
        raise refusal("thread_not_found")
    if topic.is_deleted:
        raise refusal(call.sim.server_options.deleted_topic_answer)
    return topic


def _reply(
    call: Call, group: Group, message: Message, reply: ReplyParameters, *, thread_given: bool
) -> None:
    target = call.sim.store.messages.get((group.id, reply.message_id))
    if target is None:
        if reply.allow_sending_without_reply:
            return
        raise refusal("reply_not_found")
    if reply.quote and reply.quote not in target.text:
        raise refusal("quote_invalid")
    message.quote = reply.quote
    if not thread_given and group.is_forum:
        message.thread_id = target.thread_id
    if target.thread_id == message.thread_id:
        message.reply_to = target.message_id
    else:
        message.external_reply_to = target.message_id


def _check_may_write(member: Member) -> None:
    if member.standing == Standing.RESTRICTED and not member.can_send:
        raise refusal("no_right_send_text")


def _check_open(call: Call, group: Group, thread_id: int) -> None:
    """A closed topic still takes what its creator or a topic manager writes."""
    if call.may(group, "can_manage_topics"):
        return
    if thread_id == GENERAL:
        if group.is_forum and group.general_closed:
            raise refusal("topic_closed")
        return
    topic = call.sim.store.topics[group.id, thread_id]
    if topic.is_closed and topic.creator_id != call.bot.id:
        raise refusal("topic_closed")
