"""Bots, people, groups, members: `/sim/seed`, `/sim/bots`, `/sim/users`, `/sim/groups`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegram_simulator import directory
from telegram_simulator.control import views
from telegram_simulator.control.web import Order, answer, number, order, simulator
from telegram_simulator.engine import Simulator
from telegram_simulator.records import Group, Standing


class MemberOrder(Order):
    """`by` is who did it; 0 leaves it to the group's first member."""

    standing: Standing
    rights: list[str] | None = None
    custom_title: str = ""
    can_send: bool = True
    by: int = 0


class ForumOrder(Order):
    enabled: bool


class PrivacyOrder(Order):
    enabled: bool


class UpgradeOrder(Order):
    by: int = 0
    new_id: int = 0


class SkipOrder(Order):
    count: int


async def seed(request: Request) -> Response:
    sim = simulator(request)
    directory.seed(sim, await order(request, directory.Seed))
    return answer(views.state(sim))


async def put_bot(request: Request) -> Response:
    sim = simulator(request)
    return answer(
        views.bot(sim, directory.ensure_bot(sim, await order(request, directory.BotSeed)))
    )


async def put_privacy(request: Request) -> Response:
    sim = simulator(request)
    bot = sim.bot(number(request, "bot_id"))
    directory.set_privacy(sim, bot, enabled=(await order(request, PrivacyOrder)).enabled)
    return answer(views.bot(sim, bot))


async def revoke(request: Request) -> Response:
    sim = simulator(request)
    bot = sim.bot(number(request, "bot_id"))
    directory.revoke_token(sim, bot)
    return answer(views.bot(sim, bot))


async def skip_updates(request: Request) -> Response:
    """Leave a gap in the bot's update ids."""
    sim = simulator(request)
    bot = sim.bot(number(request, "bot_id"))
    bot.next_update_id += (await order(request, SkipOrder)).count
    sim.store.put(bot)
    return answer({"next_update_id": bot.next_update_id})


async def put_user(request: Request) -> Response:
    sim = simulator(request)
    seed_of_user = await order(request, directory.UserSeed)
    return answer(views.person(directory.ensure_user(sim, seed_of_user)))


async def put_group(request: Request) -> Response:
    sim = simulator(request)
    seed_of_group = await order(request, directory.GroupSeed)
    return answer(views.group(sim, directory.ensure_group(sim, seed_of_group)))


async def get_group(request: Request) -> Response:
    sim = simulator(request)
    return answer(views.group(sim, sim.group(number(request, "chat_id"))))


async def put_member(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    wanted = await order(request, MemberOrder)
    directory.set_member(
        sim,
        group,
        number(request, "user_id"),
        by=wanted.by or _somebody(sim, group),
        standing=wanted.standing,
        rights=wanted.rights,
        custom_title=wanted.custom_title,
        can_send=wanted.can_send,
    )
    return answer(views.group(sim, group))


async def put_forum(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    directory.set_forum(sim, group, enabled=(await order(request, ForumOrder)).enabled)
    return answer(views.group(sim, group))


async def upgrade(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    wanted = await order(request, UpgradeOrder)
    by = wanted.by or _somebody(sim, group)
    return answer(views.group(sim, directory.upgrade(sim, group, by=by, new_id=wanted.new_id)))


def _somebody(sim: Simulator, group: Group) -> int:
    people = [user_id for user_id in group.members if user_id not in sim.store.bots]
    return people[0] if people else 0


ROUTES = [
    Route("/seed", seed, methods=["POST"]),
    Route("/bots", put_bot, methods=["PUT"]),
    Route("/bots/{bot_id}/privacy", put_privacy, methods=["PUT"]),
    Route("/bots/{bot_id}/revoke", revoke, methods=["POST"]),
    Route("/bots/{bot_id}/skip", skip_updates, methods=["POST"]),
    Route("/users", put_user, methods=["PUT"]),
    Route("/groups", put_group, methods=["PUT"]),
    Route("/groups/{chat_id}", get_group, methods=["GET"]),
    Route("/groups/{chat_id}/members/{user_id}", put_member, methods=["PUT"]),
    Route("/groups/{chat_id}/forum", put_forum, methods=["PUT"]),
    Route("/groups/{chat_id}/upgrade", upgrade, methods=["POST"]),
]
