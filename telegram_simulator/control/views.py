"""Records as the control API and the page show them."""

from __future__ import annotations

import msgspec

from telegram_simulator import wire
from telegram_simulator.engine import Simulator
from telegram_simulator.faults import Fault
from telegram_simulator.records import (
    GENERAL,
    Bot,
    Group,
    Json,
    Message,
    Topic,
    User,
)

RECENT_IDS = 100


def person(user: User) -> Json:
    name = f"{user.first_name} {user.last_name}".strip()
    return {"id": user.id, "name": name, "username": user.username, "is_bot": user.is_bot}


def message(sim: Simulator, record: Message) -> Json:
    group = sim.store.groups[record.chat_id]
    return {
        "chat_id": record.chat_id,
        "thread_id": record.thread_id,
        "message_id": record.message_id,
        "date": record.date,
        "edit_date": record.edit_date,
        "kind": record.kind,
        "is_service": record.is_service,
        "author": person(wire.account(sim.store, record.from_id)),
        "is_anonymous": record.sender_chat_id == record.chat_id,
        "signature": record.author_signature,
        "text": record.text,
        "entities": record.entities,
        "content": record.content,
        "reply_to": record.reply_to or record.external_reply_to,
        "keyboard": (record.reply_markup or {}).get("inline_keyboard", []),
        "reactions": record.reactions,
        "is_silent": record.is_silent,
        "is_pinned": record.message_id in group.pinned,
        "media_group_id": record.media_group_id,
    }


def topic(sim: Simulator, record: Topic) -> Json:
    return {
        "chat_id": record.chat_id,
        "thread_id": record.thread_id,
        "name": record.name,
        "icon_color": record.icon_color,
        "icon_custom_emoji_id": record.icon_custom_emoji_id,
        "creator_id": record.creator_id,
        "is_closed": record.is_closed,
        "is_deleted": record.is_deleted,
        **_contents(sim, record.chat_id, record.thread_id),
    }


def general(sim: Simulator, group: Group) -> Json:
    """The General topic, shaped like any other."""
    return {
        "chat_id": group.id,
        "thread_id": GENERAL,
        "name": "General",
        "icon_color": 0,
        "icon_custom_emoji_id": "",
        "creator_id": 0,
        "is_closed": group.general_closed,
        "is_deleted": False,
        **_contents(sim, group.id, GENERAL),
    }


def group(sim: Simulator, record: Group) -> Json:
    return {
        "id": record.id,
        "title": record.title,
        "type": record.type,
        "is_forum": record.is_forum,
        "migrated_to": record.migrated_to,
        "members": [
            {
                **person(wire.account(sim.store, member.user_id)),
                "standing": str(member.standing),
                "rights": sorted(member.rights),
                "custom_title": member.custom_title,
            }
            for member in record.members.values()
        ],
    }


def bot(sim: Simulator, record: Bot) -> Json:
    """A bot without its token and its webhook's secret."""
    hook = record.webhook
    blocked: dict[str, Json] = {}
    for chat_id in sim.store.groups:
        left, wait = sim.pacer.left(sim.clock.now(), record.id, chat_id)
        blocked[str(chat_id)] = {"posts_left": left, "blocked_seconds": round(wait, 1)}
    return {
        **person(wire.account(sim.store, record.id)),
        "is_revoked": record.revoked,
        "privacy": record.privacy,
        "commands": record.commands,
        "budget": blocked,
        "webhook": {
            "url": hook.url,
            "has_secret": bool(hook.secret_token),
            "max_connections": hook.max_connections,
            "allowed_updates": hook.allowed_updates,
            "last_error_date": hook.last_error_date,
            "last_error_message": hook.last_error_message,
            "pending": len(sim.store.updates.get(record.id, ())),
        },
    }


def settings(sim: Simulator) -> Json:
    return {
        "server_options": msgspec.to_builtins(sim.server_options),
        "pacing": msgspec.to_builtins(sim.pacer.settings),
        "delivery": msgspec.to_builtins(sim.delivery.rules),
    }


def fault(record: Fault) -> Json:
    shown: Json = msgspec.to_builtins(record)
    return {**shown, "kind": record.kind, "label": record.label, "times": record.times}


def state(sim: Simulator) -> Json:
    """Everything but the messages themselves."""
    return {
        "seq": sim.changes.seq,
        "last_call": sim.calls.seq,
        "now": sim.clock.now(),
        "bots": [bot(sim, one) for one in sim.store.bots.values()],
        "users": [person(one) for one in sim.store.users.values()],
        "groups": [group(sim, one) for one in sim.store.groups.values()],
        "settings": settings(sim),
        "faults": [fault(one) for one in sim.faults.standing],
        "violations": len(sim.calls.violations),
    }


def _contents(sim: Simulator, chat_id: int, thread_id: int) -> Json:
    ids = sim.store.in_thread.get((chat_id, thread_id), [])
    recent = [sim.store.messages[chat_id, message_id] for message_id in ids[-RECENT_IDS:]]
    pinned = [sim.store.messages.get((chat_id, one)) for one in sim.store.groups[chat_id].pinned]
    return {
        "message_count": len(ids),
        "recent_ids": [one.message_id for one in recent if not one.is_service],
        "last_message": message(sim, recent[-1]) if recent else None,
        "pinned": [one.message_id for one in pinned if one and one.thread_id == thread_id],
    }
