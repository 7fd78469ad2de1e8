"""Which function serves which method."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from msgspec import Struct

from telegram_simulator.audience import PRESENT
from telegram_simulator.calls import LoggedCall
from telegram_simulator.engine import Simulator
from telegram_simulator.errors import refusal
from telegram_simulator.records import Bot, Group, Member, Standing
from telegram_simulator.request import Shape, numeric_chat_id
from telegram_simulator.schema import ChatId, Params

P = TypeVar("P", bound=Params)
Result = Any


class Call(Struct):
    """One running call: what its method may look at."""

    sim: Simulator
    bot: Bot
    log: LoggedCall
    waited: bool = False
    """It has sat out one silent flood wait already."""

    def group(self, chat_id: ChatId) -> Group:
        """The group, if our bot is in it.

        Raises, in the order of the real server: chat not found, lost membership, upgraded.
        """
        group = self.sim.store.groups.get(numeric_chat_id(chat_id))
        if group is None:
            raise refusal("chat_not_found")
        member = group.members.get(self.bot.id)
        if member is None or member.standing not in PRESENT:
            if member is not None and member.standing == Standing.KICKED:
                raise refusal("kicked" if group.type == "supergroup" else "kicked_from_group")
            raise refusal("not_a_member")
        if group.migrated_to:
            raise refusal("upgraded", migrate_to_chat_id=group.migrated_to)
        return group

    def may(self, group: Group, right: str) -> bool:
        """Whether our bot has an administrator right."""
        return has_right(group.members[self.bot.id], right)

    def spend(self, group: Group, family: str) -> None:
        """Take the call's cost from the flood budget; raises 429 when it is used up."""
        self.sim.pacer.spend(
            self.sim.clock.now(), self.bot.id, group.id, family, waited=self.waited
        )


def has_right(member: Member, right: str) -> bool:
    if member.standing == Standing.CREATOR:
        return True
    return member.standing == Standing.ADMINISTRATOR and right in member.rights


class Method(Struct, frozen=True):
    """A served method: its published name, how to read its parameters, what it does."""

    name: str
    shape: Shape
    run: Callable[[Call, Any], Result | Awaitable[Result]]


METHODS: dict[str, Method] = {}
"""By lower-cased name: Telegram does not mind the case."""

Handler = Callable[[Call, P], Result]


def method(name: str, params: type[P]) -> Callable[[Handler[P]], Handler[P]]:
    """Serve this Bot API method by the decorated function."""

    def register(run: Handler[P]) -> Handler[P]:
        METHODS[name.lower()] = Method(name, Shape(params), run)
        return run

    return register
