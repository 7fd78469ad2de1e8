"""What happens to a group's messages and topics, by bots and people alike.

These functions change the state, tell the bots that may know, and note the change for waiting
readers. Whether an account may do a thing is decided by the callers.
"""

from __future__ import annotations

from collections.abc import Iterable

from telegram_simulator import audience
from telegram_simulator.engine import Simulator
from telegram_simulator.records import GENERAL, Group, Json, Message, Topic

ICON_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def post(sim: Simulator, group: Group, message: Message) -> Message:
    """Append a message (its id and date are given here) and tell the bots."""
    message.message_id = group.next_message_id
    message.date = int(sim.clock.now())
    if message.reply_to and message.thread_id == GENERAL:
        target = sim.store.messages.get((group.id, message.reply_to))
        if target is not None:
            message.chain_id = target.chain_id or target.message_id
    sim.store.put(message)
    audience.tell_message(sim.store, sim.delivery, message)
    sim.changes.tell(
        "message",
        chat_id=group.id,
        thread_id=message.thread_id,
        message_id=message.message_id,
    )
    return message


def post_service(
    sim: Simulator, group: Group, kind: str, by: int, content: Json, *, thread_id: int = GENERAL
) -> Message:
    """A service message; `content` is the message field of that kind."""
    return post(
        sim,
        group,
        Message(
            chat_id=group.id,
            message_id=0,
            date=0,
            from_id=by,
            thread_id=thread_id,
            kind=kind,
            is_service=True,
            content=content,
        ),
    )


def changed(sim: Simulator, message: Message, *, edited: bool = False) -> None:
    """Store a changed message; `edited` also stamps it and tells the bots."""
    if edited:
        message.edit_date = int(sim.clock.now())
    sim.store.put(message)
    if edited:
        audience.tell_message(sim.store, sim.delivery, message, edited=True)
    sim.changes.tell(
        "message",
        chat_id=message.chat_id,
        thread_id=message.thread_id,
        message_id=message.message_id,
    )


def remove(sim: Simulator, messages: Iterable[Message]) -> None:
    """Delete messages. Telegram tells nobody, so neither do we."""
    for message in list(messages):
        sim.store.forget_message(message)
        group = sim.store.groups[message.chat_id]
        if message.message_id in group.pinned:
            group.pinned.remove(message.message_id)
            sim.store.put(group)
        sim.changes.tell(
            "message_gone",
            chat_id=message.chat_id,
            thread_id=message.thread_id,
            message_id=message.message_id,
        )


def create_topic(
    sim: Simulator, group: Group, by: int, name: str, *, icon_color: int = 0, icon: str = ""
) -> Topic:
    """A new topic; its id is the id of the service message that announces it."""
    color = icon_color or sim.rng.choice(ICON_COLORS)
    thread_id = group.next_message_id
    topic = Topic(
        chat_id=group.id,
        thread_id=thread_id,
        name=name,
        icon_color=color,
        creator_id=by,
        icon_custom_emoji_id=icon,
    )
    sim.store.put(topic)
    created: Json = {"name": name, "icon_color": color}
    if icon:
        created["icon_custom_emoji_id"] = icon
    sim.changes.tell("topic", chat_id=group.id, thread_id=thread_id)
    post_service(
        sim,
        group,
        "forum_topic_created",
        by,
        {"forum_topic_created": created},
        thread_id=thread_id,
    )
    return topic


def edit_topic(
    sim: Simulator, topic: Topic, by: int, *, name: str | None = None, icon: str | None = None
) -> bool:
    """Give a topic another name or icon; False when that changes nothing."""
    edited: Json = {}
    if name is not None and name != topic.name:
        topic.name = edited["name"] = name
    if icon is not None and icon != topic.icon_custom_emoji_id:
        topic.icon_custom_emoji_id = edited["icon_custom_emoji_id"] = icon
    if not edited:
        return False
    _topic_event(sim, topic, "forum_topic_edited", by, edited)
    return True


def set_topic_closed(sim: Simulator, topic: Topic, by: int, *, closed: bool) -> bool:
    """Close or reopen a topic; False when it already is so."""
    if topic.is_closed == closed:
        return False
    topic.is_closed = closed
    _topic_event(sim, topic, "forum_topic_closed" if closed else "forum_topic_reopened", by, {})
    return True


def delete_topic(sim: Simulator, topic: Topic) -> None:
    """Delete a topic with all its messages. No bot is told: it learns from a failing call."""
    remove(sim, sim.store.thread(topic.chat_id, topic.thread_id))
    topic.is_deleted = True
    sim.store.put(topic)
    sim.changes.tell("topic_gone", chat_id=topic.chat_id, thread_id=topic.thread_id)


def pin(sim: Simulator, group: Group, message: Message, by: int) -> None:
    """Pin a message and say so in its topic; pinning it again changes nothing."""
    if message.message_id in group.pinned:
        return
    group.pinned.append(message.message_id)
    sim.store.put(group)
    post_service(
        sim,
        group,
        "pinned_message",
        by,
        {"message_id": message.message_id},
        thread_id=message.thread_id,
    )
    sim.changes.tell("topic", chat_id=group.id, thread_id=message.thread_id)


def unpin(sim: Simulator, group: Group, message_ids: Iterable[int]) -> None:
    """Take messages off the pinned bar, silently."""
    for message_id in list(message_ids):
        group.pinned.remove(message_id)
        message = sim.store.messages.get((group.id, message_id))
        sim.changes.tell(
            "topic", chat_id=group.id, thread_id=message.thread_id if message else GENERAL
        )
    sim.store.put(group)


def _topic_event(sim: Simulator, topic: Topic, kind: str, by: int, content: Json) -> None:
    sim.store.put(topic)
    sim.changes.tell("topic", chat_id=topic.chat_id, thread_id=topic.thread_id)
    group = sim.store.groups[topic.chat_id]
    post_service(sim, group, kind, by, {kind: content}, thread_id=topic.thread_id)
