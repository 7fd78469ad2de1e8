"""Which bots learn of what happens in a group, and in which lane."""

from __future__ import annotations

from telegram_simulator import wire
from telegram_simulator.delivery import Delivery
from telegram_simulator.records import Bot, Group, Json, Message, Standing
from telegram_simulator.store import Store

PRESENT = (Standing.CREATOR, Standing.ADMINISTRATOR, Standing.MEMBER, Standing.RESTRICTED)


def bots_in(store: Store, group: Group) -> list[Bot]:
    """Bots that are in the group now."""
    return [
        bot
        for bot in store.bots.values()
        if (member := group.members.get(bot.id)) is not None and member.standing in PRESENT
    ]


def tell_message(
    store: Store, delivery: Delivery, message: Message, *, edited: bool = False
) -> list[int]:
    """Offer a message or an edit to every bot that may see it; ids of the updates."""
    group = store.groups[message.chat_id]
    kind = "edited_message" if edited else "message"
    payload: Json | None = None
    offered: list[int] = []
    for bot in bots_in(store, group):
        if not _may_see(store, bot, group, message):
            continue
        payload = payload or wire.message(store, message)
        date = message.edit_date if edited else message.date
        # Messages and their edits share one lane: an edit never overtakes its message.
        update_id = delivery.offer(bot, kind, f"message:{group.id}", date, payload)
        if update_id:
            offered.append(update_id)
    return offered


def _may_see(store: Store, bot: Bot, group: Group, message: Message) -> bool:
    if message.is_service:
        return True
    if message.from_id == bot.id:
        return False
    sender = wire.account(store, message.from_id)
    if sender.is_bot and not message.sender_chat_id and not bot.sees_bots:
        return False
    member = group.members[bot.id]
    if not bot.privacy or member.standing in (Standing.ADMINISTRATOR, Standing.CREATOR):
        return True
    replied = store.messages.get((message.chat_id, message.reply_to))
    is_reply = replied is not None and replied.from_id == bot.id
    return is_reply or _is_command_for(store.users[bot.id].username, message.text)


def _is_command_for(username: str, text: str) -> bool:
    """Whether the text begins with a command that names this bot, or none."""
    command, _, named = (text.split(maxsplit=1) or [""])[0].partition("@")
    return command.startswith("/") and named.lower() in ("", username.lower())
