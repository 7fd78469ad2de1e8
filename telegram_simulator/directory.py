"""Accounts, groups and memberships: how a Telegram comes to be, and how it changes hands."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from telegram_simulator import posting, wire
from telegram_simulator.engine import Simulator
from telegram_simulator.errors import ControlError
from telegram_simulator.records import (
    ADMIN_RIGHTS,
    BOT_RIGHTS,
    Bot,
    Group,
    Json,
    Member,
    Standing,
    User,
)


class BotSeed(Struct, kw_only=True, forbid_unknown_fields=True):
    """A bot that should exist; its id is the part of the token before the colon."""

    token: str
    username: str = "chatorical_bot"
    first_name: str = "Chatorical"
    privacy: bool = True
    sees_bots: bool = False


class UserSeed(Struct, kw_only=True, forbid_unknown_fields=True):
    """A person that should exist."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""


class MemberSeed(Struct, kw_only=True, forbid_unknown_fields=True):
    """A membership that should exist; without `rights` an administrator has the usual ones."""

    user_id: int
    standing: Standing = Standing.MEMBER
    rights: list[str] | None = None
    custom_title: str = ""


class GroupSeed(Struct, kw_only=True, forbid_unknown_fields=True):
    """A group that should exist."""

    id: int
    title: str = "Support"
    type: str = "supergroup"
    is_forum: bool = True
    members: list[MemberSeed] = []


class Seed(Struct, kw_only=True, forbid_unknown_fields=True):
    """A whole small Telegram."""

    bots: list[BotSeed] = []
    users: list[UserSeed] = []
    groups: list[GroupSeed] = []


def seed(sim: Simulator, seed: Seed) -> None:
    """Make everything in the seed exist. What exists already keeps its history."""
    for bot in seed.bots:
        ensure_bot(sim, bot)
    for user in seed.users:
        ensure_user(sim, user)
    for group in seed.groups:
        ensure_group(sim, group)
    sim.store.flush()


def ensure_bot(sim: Simulator, seed: BotSeed) -> Bot:
    number, _, rest = seed.token.partition(":")
    if not number.isdigit() or not rest:
        raise ControlError("a token looks like 123456:letters")
    bot_id = int(number)
    sim.store.put(User(id=bot_id, first_name=seed.first_name, username=seed.username, is_bot=True))
    bot = sim.store.bots.get(bot_id)
    if bot is None:
        bot = Bot(id=bot_id, token=seed.token, next_update_id=sim.rng.randrange(10**8, 10**9))
    sim.bots_by_token.pop(bot.token, None)
    bot.token, bot.revoked = seed.token, False
    bot.privacy, bot.sees_bots = seed.privacy, seed.sees_bots
    sim.bots_by_token[bot.token] = bot
    sim.store.put(bot)
    sim.changes.tell("settings", bot_id=bot_id)
    return bot


def set_privacy(sim: Simulator, bot: Bot, *, enabled: bool) -> None:
    """Switch privacy mode, as BotFather does. Nobody is told; getMe shows it."""
    bot.privacy = enabled
    sim.store.put(bot)
    sim.changes.tell("settings", bot_id=bot.id)


def revoke_token(sim: Simulator, bot: Bot) -> None:
    """From now on the token answers 401, until the bot is ensured again."""
    bot.revoked = True
    sim.store.put(bot)
    sim.changes.tell("settings", bot_id=bot.id)


def ensure_user(sim: Simulator, seed: UserSeed) -> User:
    user = User(
        id=seed.id, first_name=seed.first_name, last_name=seed.last_name, username=seed.username
    )
    sim.store.put(user)
    sim.changes.tell("settings")
    return user


def ensure_group(sim: Simulator, seed: GroupSeed) -> Group:
    """A group with at least these members; a bot among them is made administrator silently."""
    group = sim.store.groups.get(seed.id)
    if group is None:
        group = Group(id=seed.id, title=seed.title, type=seed.type, is_forum=seed.is_forum)
    group.title = seed.title
    for member in seed.members:
        if member.user_id not in group.members:
            group.members[member.user_id] = Member(
                member.user_id,
                member.standing,
                _rights(sim, member.user_id, member.standing, member.rights),
                member.custom_title,
            )
    sim.store.put(group)
    sim.changes.tell("group", chat_id=group.id)
    return group


def set_member(
    sim: Simulator,
    group: Group,
    user_id: int,
    *,
    by: int,
    standing: Standing,
    rights: Iterable[str] | None = None,
    custom_title: str = "",
    can_send: bool = True,
) -> Member:
    """Add, promote, demote, restrict or remove a person; bots concerned get their update."""
    before = wire.chat_member(sim.store, group, user_id)
    was_gone = before["status"] in (Standing.LEFT, Standing.KICKED)
    member = Member(
        user_id, standing, _rights(sim, user_id, standing, rights), custom_title, can_send
    )
    group.members[user_id] = member
    sim.store.put(group)
    is_gone = standing in (Standing.LEFT, Standing.KICKED)
    payload: Json = {
        "chat": wire.chat(group),
        "from": wire.user(wire.account(sim.store, by)),
        "date": int(sim.clock.now()),
        "old_chat_member": before,
        "new_chat_member": wire.chat_member(sim.store, group, user_id),
    }
    for bot in sim.store.bots.values():
        if bot.id == user_id:
            lane = f"my_chat_member:{group.id}"
            sim.delivery.offer(bot, "my_chat_member", lane, sim.clock.now(), payload)
        elif bot.id in group.members:
            lane = f"chat_member:{user_id}"
            sim.delivery.offer(bot, "chat_member", lane, sim.clock.now(), payload)
    account = wire.user(wire.account(sim.store, user_id))
    if was_gone and not is_gone:
        content: Json = {"new_chat_members": [account]}
        posting.post_service(sim, group, "new_chat_members", by, content)
    elif is_gone and not was_gone:
        posting.post_service(sim, group, "left_chat_member", by, {"left_chat_member": account})
    sim.changes.tell("member", chat_id=group.id)
    return member


def set_forum(sim: Simulator, group: Group, *, enabled: bool) -> None:
    """Switch topics on or off. Nobody is told; getChat shows it."""
    group.is_forum = enabled
    sim.store.put(group)
    sim.changes.tell("group", chat_id=group.id)


def upgrade(sim: Simulator, group: Group, *, by: int, new_id: int = 0) -> Group:
    """Turn a group into a new supergroup: another id, no topics, rights kept.

    Both service messages are posted; the old id answers "upgraded" from then on.
    """
    if group.migrated_to:
        raise ControlError(f"the group is now {group.migrated_to}")
    new_id = new_id or -1_000_000_000_000 - sim.rng.randrange(10**9, 10**10)
    if new_id in sim.store.groups:
        raise ControlError(f"there is a group {new_id} already")
    successor = Group(id=new_id, title=group.title, members=dict(group.members))
    sim.store.put(successor)
    posting.post_service(sim, group, "migrate_to_chat_id", by, {"migrate_to_chat_id": new_id})
    group.migrated_to = new_id
    sim.store.put(group)
    came_from: Json = {"migrate_from_chat_id": group.id}
    posting.post_service(sim, successor, "migrate_from_chat_id", by, came_from)
    sim.changes.tell("group", chat_id=group.id)
    sim.changes.tell("group", chat_id=new_id)
    return successor


def _rights(
    sim: Simulator, user_id: int, standing: Standing, rights: Iterable[str] | None
) -> set[str]:
    if standing != Standing.ADMINISTRATOR:
        return set()
    if rights is None:
        return set(BOT_RIGHTS if user_id in sim.store.bots else ADMIN_RIGHTS)
    if unknown := set(rights) - set(ADMIN_RIGHTS):
        raise ControlError(f"no such right: {', '.join(sorted(unknown))}")
    return set(rights)
