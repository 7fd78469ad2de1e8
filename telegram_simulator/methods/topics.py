"""createForumTopic and its kin."""

from __future__ import annotations

from msgspec import UNSET

from telegram_simulator import posting
from telegram_simulator.errors import refusal
from telegram_simulator.methods.registry import Call, Result, method
from telegram_simulator.records import Group, Topic
from telegram_simulator.schema import CreateForumTopic, EditForumTopic, OfTopic
from telegram_simulator.text import topic_name


@method("createForumTopic", CreateForumTopic)
def create_forum_topic(call: Call, params: CreateForumTopic) -> Result:
    group = _forum(call, params.chat_id)
    if not call.may(group, "can_manage_topics"):
        raise refusal("no_right_create_topic")
    name = topic_name(params.name)
    if not name:
        raise refusal("name_empty")
    call.spend(group, "topic")
    topic = posting.create_topic(
        call.sim,
        group,
        call.bot.id,
        name,
        icon_color=params.icon_color if params.icon_color in posting.ICON_COLORS else 0,
        icon=params.icon_custom_emoji_id,
    )
    call.log.message_id = call.log.thread_id = topic.thread_id
    shown: Result = {
        "message_thread_id": topic.thread_id,
        "name": topic.name,
        "icon_color": topic.icon_color,
    }
    if topic.icon_custom_emoji_id:
        shown["icon_custom_emoji_id"] = topic.icon_custom_emoji_id
    return shown


@method("editForumTopic", EditForumTopic)
def edit_forum_topic(call: Call, params: EditForumTopic) -> Result:
    group, topic = _managed(call, params, "no_right_edit_topic")
    icon = None if params.icon_custom_emoji_id is UNSET else params.icon_custom_emoji_id
    if not params.name and icon is None:
        return True
    name = topic_name(params.name) if params.name else None
    if name == "":
        raise refusal("name_empty")
    call.spend(group, "topic")
    if not posting.edit_topic(call.sim, topic, call.bot.id, name=name, icon=icon):
        raise refusal("topic_not_modified")
    return True


@method("closeForumTopic", OfTopic)
def close_forum_topic(call: Call, params: OfTopic) -> Result:
    return _set_closed(call, params, closed=True)


@method("reopenForumTopic", OfTopic)
def reopen_forum_topic(call: Call, params: OfTopic) -> Result:
    return _set_closed(call, params, closed=False)


@method("deleteForumTopic", OfTopic)
def delete_forum_topic(call: Call, params: OfTopic) -> Result:
    group, topic = _topic(call, params)
    if not call.may(group, "can_delete_messages"):
        raise refusal("no_right_delete_topic")
    call.spend(group, "topic")
    posting.delete_topic(call.sim, topic)
    return True


@method("unpinAllForumTopicMessages", OfTopic)
def unpin_all_forum_topic_messages(call: Call, params: OfTopic) -> Result:
    group, topic = _topic(call, params)
    if not call.may(group, "can_pin_messages"):
        raise refusal("no_right_pin")
    call.spend(group, "pin")
    here = set(call.sim.store.in_thread.get((group.id, topic.thread_id), ()))
    posting.unpin(call.sim, group, [pinned for pinned in group.pinned if pinned in here])
    return True


def _set_closed(call: Call, params: OfTopic, *, closed: bool) -> Result:
    group, topic = _managed(call, params, "no_right_close_topic")
    call.spend(group, "topic")
    if not posting.set_topic_closed(call.sim, topic, call.bot.id, closed=closed):
        raise refusal("topic_not_modified")
    return True


def _forum(call: Call, chat_id: int | str) -> Group:
    group = call.group(chat_id)
    if not group.is_forum:
        raise refusal("not_a_forum")
    return group


def _topic(call: Call, params: OfTopic) -> tuple[Group, Topic]:
    group = _forum(call, params.chat_id)
    if params.message_thread_id <= 0:
        raise refusal("thread_identifier")
    topic = call.sim.store.topics.get((group.id, params.message_thread_id))
    if topic is None or topic.is_deleted:
        raise refusal("topic_id_invalid")
    return group, topic


def _managed(call: Call, params: OfTopic, without_right: str) -> tuple[Group, Topic]:
    """A topic that our bot may change: by its right, or as the one who made it."""
    group, topic = _topic(call, params)
    if topic.creator_id != call.bot.id and not call.may(group, "can_manage_topics"):
        raise refusal(without_right)
    return group, topic
