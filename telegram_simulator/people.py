"""What people do in a group by hand: write, press, pin, manage topics and members.

Every function raises ControlError when a real client would not offer the action.
"""

from __future__ import annotations

from typing import Any

from telegram_simulator import media, posting, text, wire
from telegram_simulator.audience import PRESENT
from telegram_simulator.callbacks import Press
from telegram_simulator.engine import Simulator
from telegram_simulator.errors import ControlError
from telegram_simulator.methods.registry import has_right
from telegram_simulator.records import (
    ANONYMOUS_ADMIN_ID,
    GENERAL,
    Group,
    Json,
    Member,
    Message,
    Standing,
    Topic,
)


def write(
    sim: Simulator,
    group: Group,
    *,
    user_id: int,
    thread_id: int = GENERAL,
    content: str = "",
    kind: str = "text",
    reply_to: int = 0,
    anonymous: bool = False,
    as_channel: int = 0,
    media_group_id: str = "",
    size: int = 0,
    file_name: str = "",
    data: bytes = b"",
    entities: list[Json] | None = None,
) -> Message:
    """A person's (or another bot's) message; `content` is the text or the caption.

    `entities` are formatting that the person has chosen; links and commands are found besides.
    """
    _check_may_write(sim, group, user_id, thread_id)
    message = Message(
        chat_id=group.id,
        message_id=0,
        date=0,
        from_id=user_id,
        thread_id=thread_id,
        kind=kind,
        media_group_id=media_group_id,
    )
    if anonymous:
        message.from_id, message.sender_chat_id = ANONYMOUS_ADMIN_ID, group.id
        message.author_signature = group.members[user_id].custom_title
    elif as_channel:
        message.from_id, message.sender_chat_id = wire.CHANNEL_BOT_ID, as_channel
    if kind != "text":
        message.content = media.content(sim, kind, size, name=file_name, data=data)
    _word(message, content, entities)
    if kind == "text" and not message.text:
        raise ControlError("a message needs text that can be seen")
    _reply(sim, group, message, reply_to)
    return posting.post(sim, group, message)


def report(
    sim: Simulator, group: Group, kind: str, content: Any, by: int, thread_id: int
) -> Message:
    """A service message of any kind, as when a person ticks a task or sends a gift."""
    _member(group, by)
    return posting.post_service(sim, group, kind, by, {kind: content}, thread_id=thread_id)


def edit(
    sim: Simulator,
    group: Group,
    message_id: int,
    *,
    user_id: int,
    content: str,
    entities: list[Json] | None = None,
    file_name: str = "",
    data: bytes = b"",
) -> Message:
    """A person's edit of what they wrote; with `data`, another file takes the place of theirs."""
    message = find_message(sim, group, message_id)
    is_own_anonymous = message.sender_chat_id == group.id
    if message.is_service or (message.from_id != user_id and not is_own_anonymous):
        raise ControlError("only one's own message can be edited")
    if data:
        message.content = media.content(sim, message.kind, name=file_name, data=data)
    _word(message, content, entities)
    if message.kind == "text" and not message.text:
        raise ControlError("a message needs text that can be seen")
    posting.changed(sim, message, edited=True)
    return message


def delete(sim: Simulator, group: Group, message_id: int) -> None:
    posting.remove(sim, [find_message(sim, group, message_id)])


def press(
    sim: Simulator, group: Group, message_id: int, *, user_id: int, data: str, resend_of: str = ""
) -> Press:
    """Press an inline button. `data` may be anything: a client can send what no button says.

    With `resend_of` an earlier press comes again under a new update id, as after a lost
    connection.
    """
    if resend_of:
        press = sim.callbacks.get(resend_of)
        if press is None or press.payload is None:
            raise ControlError("no such press", status=404)
    else:
        press = _new_press(sim, group, message_id, user_id, data)
    bot = sim.bot(press.bot_id)
    lane = f"callback_query:{user_id}"
    sim.delivery.offer(bot, "callback_query", lane, sim.clock.now(), press.payload or {})
    return press


def react(sim: Simulator, group: Group, message_id: int, *, user_id: int, emoji: list[str]) -> None:
    """Set a person's reactions; bots that are admins and asked for it are told."""
    message = find_message(sim, group, message_id)
    old = message.reactions.get(user_id, [])
    if emoji:
        message.reactions[user_id] = emoji
    else:
        message.reactions.pop(user_id, None)
    posting.changed(sim, message)
    payload: Json = {
        "chat": wire.chat(group),
        "message_id": message_id,
        "user": wire.user(wire.account(sim.store, user_id)),
        "date": int(sim.clock.now()),
        "old_reaction": [{"type": "emoji", "emoji": one} for one in old],
        "new_reaction": [{"type": "emoji", "emoji": one} for one in emoji],
    }
    for bot in sim.store.bots.values():
        member = group.members.get(bot.id)
        if member is not None and member.standing == Standing.ADMINISTRATOR:
            lane = f"message_reaction:{group.id}"
            sim.delivery.offer(bot, "message_reaction", lane, sim.clock.now(), payload)


def create_topic(sim: Simulator, group: Group, *, user_id: int, name: str) -> Topic:
    _check_manages_topics(group, user_id)
    return posting.create_topic(sim, group, user_id, _topic_name(name))


def change_topic(
    sim: Simulator, topic: Topic, *, user_id: int, action: str, name: str = ""
) -> None:
    """close, reopen, rename or delete a topic by Telegram's own menu."""
    group = sim.group(topic.chat_id)
    if topic.creator_id != user_id:
        _check_manages_topics(group, user_id)
    match action:
        case "close" | "reopen":
            if not posting.set_topic_closed(sim, topic, user_id, closed=action == "close"):
                raise ControlError(
                    f"the topic is {'closed' if topic.is_closed else 'open'} already"
                )
        case "rename":
            posting.edit_topic(sim, topic, user_id, name=_topic_name(name))
        case "delete":
            posting.delete_topic(sim, topic)
        case _:
            raise ControlError(f"no topic action {action!r}")


def find_message(sim: Simulator, group: Group, message_id: int) -> Message:
    """The message; raises ControlError 404."""
    message = sim.store.messages.get((group.id, message_id))
    if message is None:
        raise ControlError(f"no message {message_id} in group {group.id}", status=404)
    return message


def _new_press(sim: Simulator, group: Group, message_id: int, user_id: int, data: str) -> Press:
    message = sim.store.messages.get((group.id, message_id))
    _member(group, user_id)
    bots = [message.from_id] if message else [bot.id for bot in sim.store.bots.values()]
    if not bots or bots[0] not in sim.store.bots:
        raise ControlError("only a bot's message has buttons")
    press = Press(
        id=str(sim.rng.getrandbits(62)),
        bot_id=bots[0],
        user_id=user_id,
        chat_id=group.id,
        message_id=message_id,
        data=data,
        at=sim.clock.now(),
    )
    press.payload = {
        "id": press.id,
        "from": wire.user(wire.account(sim.store, user_id)),
        "message": (
            wire.message(sim.store, message) if message else wire.inaccessible(group, message_id)
        ),
        "chat_instance": str(abs(group.id) * 31),
        "data": data,
    }
    sim.callbacks.add(press)
    return press


def _member(group: Group, user_id: int) -> Member:
    member = group.members.get(user_id)
    if member is None or member.standing not in PRESENT:
        raise ControlError(f"user {user_id} is not in group {group.id}")
    return member


def _check_may_write(sim: Simulator, group: Group, user_id: int, thread_id: int) -> None:
    if group.migrated_to:
        raise ControlError(f"the group is now {group.migrated_to}")
    member = _member(group, user_id)
    if not member.can_send:
        raise ControlError("this member may only read")
    if thread_id == GENERAL:
        return
    topic = sim.topic(group.id, thread_id)
    may_write = topic.creator_id == user_id or has_right(member, "can_manage_topics")
    if topic.is_closed and not may_write:
        raise ControlError("the topic is closed")


def _check_manages_topics(group: Group, user_id: int) -> None:
    if not has_right(_member(group, user_id), "can_manage_topics"):
        raise ControlError("this member may not manage topics")


def _topic_name(name: str) -> str:
    cleaned = text.topic_name(name)
    if not cleaned:
        raise ControlError("a topic needs a name")
    return cleaned


def _word(message: Message, content: str, entities: list[Json] | None) -> None:
    message.text, chosen = text.clean(content, entities or [])
    message.entities = text.in_order([*chosen, *text.detect(message.text)])


def _reply(sim: Simulator, group: Group, message: Message, reply_to: int) -> None:
    if not reply_to:
        return
    target = find_message(sim, group, reply_to)
    if target.thread_id == message.thread_id:
        message.reply_to = reply_to
    else:
        message.external_reply_to = reply_to
