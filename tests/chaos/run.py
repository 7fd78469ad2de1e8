"""A run: people at work, faults from a seed, and the audit when all has calmed down."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.audit import Audit, Happened
from tests.chaos.people import (
    GIVES_UP_SECONDS,
    Agent,
    Crowd,
    Person,
    TypedVisitor,
    Visitor,
    Watcher,
)
from tests.chaos.scene import Scene
from tests.chaos.schedule import Step, draw
from tests.chaos.world import AUDITED, World, open_world

_VISITORS_PER_SHOP = 3
# The longest wait of the outbox between two tries is five minutes.
_CALMS_DOWN_SECONDS = 330
_BEGINNING_SECONDS = 2.0

Tell = Callable[[str], None]


@dataclass
class Result:
    """What was found, and what it was found in."""

    problems: list[str]
    counts: dict[str, int]
    happened: list[Happened]


def run(*, seed: int, faults: int, folder: Path, tell: Tell, pace: float = 1.0) -> Result:
    """Play it all; the same seed makes the same faults and the same people."""
    chance = random.Random(seed)
    steps = draw(chance, faults, pace=pace)
    with open_world(folder) as world:
        crowd = Crowd()
        scene = _people(world, crowd, chance, str(seed))
        agents = [Agent(crowd, world, slug, _of(scene, slug), str(seed)) for slug in AUDITED]
        people: list[Person] = [*scene.visitors, *scene.watchers, *agents]
        for person in people:
            person.start()
        crowd.enough.wait(_BEGINNING_SECONDS)
        happened = [fault for step in steps for fault in _play(step, scene, tell)]
        tell("calming down")
        _calm_down(world, crowd, people)
        tell("comparing")
        audit = Audit(world, happened)
        for person in people:
            audit.problems += person.problems
        audit.compare(scene.visitors, agents)
        audit.watch(scene.watchers)
        return Result(audit.problems, dict(audit.counts), happened)


def _people(world: World, crowd: Crowd, chance: random.Random, seed: str) -> Scene:
    kinds = [Visitor, TypedVisitor]
    visitors = [
        kinds[number % len(kinds)](crowd, world, slug, number, seed)
        for slug in AUDITED
        for number in range(_VISITORS_PER_SHOP)
    ]
    watchers = [Watcher(crowd, visitor) for visitor in visitors]
    return Scene(world, crowd, visitors, watchers, chance)


def _of(scene: Scene, slug: str) -> list[Visitor]:
    return [visitor for visitor in scene.visitors if visitor.slug == slug]


def _play(step: Step, scene: Scene, tell: Tell) -> list[Happened]:
    _start_what_has_ended(scene.world)
    names = " and ".join(kind.name for kind in step.kinds)
    tell(f"{names}, {step.seconds:.1f} s")
    began = time.time()
    with ExitStack() as stack:
        for kind in step.kinds:
            stack.enter_context(kind.happen(scene))
        scene.crowd.enough.wait(step.seconds)
    ended = time.time()
    scene.crowd.enough.wait(step.calm_seconds)
    return [Happened(kind.name, began, ended, kind.is_ambiguous) for kind in step.kinds]


def _start_what_has_ended(world: World) -> None:
    """As a supervisor does: a process that found no server as it started has given up."""
    for process in world.processes:
        if not process.is_running:
            process.start_without_waiting()


def _calm_down(world: World, crowd: Crowd, people: list[Person]) -> None:
    """The faults are over: everybody finishes, and the product does what it still has to do."""
    crowd.enough.set()
    _start_what_has_ended(world)
    for person in people:
        person.join(GIVES_UP_SECONDS * 2)
    world.simulator.retry_now()
    for shop in world.shops.values():
        world.simulator.wait_until_delivered(shop.group.bot_id, timeout_seconds=60)
    deadline = time.monotonic() + _CALMS_DOWN_SECONDS
    tick = threading.Event()
    while world.open_items() and time.monotonic() < deadline:
        _start_what_has_ended(world)
        # The outbox announces nothing when it is empty.
        tick.wait(0.3)
    for person in people:
        if isinstance(person, Watcher):
            person.catch_up()
