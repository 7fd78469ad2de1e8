"""What a fault may touch, and what a kind of fault is."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.chaos.people import Crowd, Visitor, Watcher
from tests.chaos.world import Shop, World


@dataclass
class Scene:
    """The world, the people in it, and the chances that are taken."""

    world: World
    crowd: Crowd
    visitors: list[Visitor]
    watchers: list[Watcher]
    random: random.Random

    def shop(self) -> Shop:
        """One of those whose people are counted."""
        return self.random.choice(self.world.audited())


Happening = Callable[[Scene], AbstractContextManager[object]]


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what it hits, how it happens, and whether a post may appear twice by it.

    Telegram has no key by which a post could be known again. So a call whose answer is lost, or
    whose caller ends before it has written the answer down, is made again.
    """

    name: str
    hits: str
    """Two kinds that hit the same never happen at once."""
    happen: Happening
    is_ambiguous: bool = False
