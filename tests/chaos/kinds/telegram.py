"""Telegram: refusing, silent, unclear, rearranged by people, and delivering oddly."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from telegram_simulator.client import FaultKind
from telegram_simulator.client_http import SimulatorRefused
from tests.chaos.scene import Happening, Kind, Scene
from tests.chaos.world import READ_TIMEOUT_SECONDS


def _failing(kind: FaultKind, **details: Any) -> Happening:
    """Calls fail this way, to one shop's group or to everybody's."""

    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        simulator = scene.world.simulator
        where = scene.random.choice([{}, {"chat_id": scene.shop().group.chat_id}])
        order = {"times": None, "probability": 0.7, **details, **where}
        fault = simulator.add_fault(kind, **order)
        try:
            yield
        finally:
            simulator.remove_fault(fault)

    return happen


@contextmanager
def _topics_deleted(scene: Scene) -> Iterator[None]:
    group = scene.shop().group
    for topic in group.topics()[:3]:
        with suppress(SimulatorRefused):
            group.delete_topic("Ana", topic.thread_id)
    yield


@contextmanager
def _group_upgraded(scene: Scene) -> Iterator[None]:
    """In the middle of a burst: as many calls as there can be meet the former group."""
    scene.crowd.burst.set()
    slow = scene.world.simulator.add_fault("slow", delay_ms=150, times=None)
    try:
        # For the burst to be under way, which nothing announces.
        time.sleep(0.5)
        scene.shop().upgrade()
        yield
    finally:
        scene.world.simulator.remove_fault(slow)
        scene.crowd.burst.clear()


@contextmanager
def _bot_demoted(scene: Scene) -> Iterator[None]:
    group = scene.shop().group
    group.set_bot_rights([])
    try:
        yield
    finally:
        group.add_bot()


@contextmanager
def _bot_kicked(scene: Scene) -> Iterator[None]:
    shop = scene.shop()
    shop.has_bot = False
    shop.group.kick_bot()
    try:
        yield
    finally:
        shop.group.add_bot()
        shop.has_bot = True


def _delivering(before: Mapping[str, Any], after: Mapping[str, Any]) -> Happening:
    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        scene.world.simulator.set_delivery(**before)
        try:
            yield
        finally:
            scene.world.simulator.set_delivery(**after)

    return happen


@contextmanager
def _old_updates_again(scene: Scene) -> Iterator[None]:
    """Out of order: some that have acted come once more, after newer ones."""
    simulator = scene.world.simulator
    yield
    for shop in scene.world.audited():
        bot = shop.group.bot_id
        sent = [attempt for attempt in simulator.updates(bot).attempts if attempt.status == 200]
        for attempt in scene.random.sample(sent, min(len(sent), 2)):
            simulator.repeat_update(bot, attempt.update_id, times=2, at_once=True)


_LONG = {"hold_seconds": READ_TIMEOUT_SECONDS + 1.0}
_AFTER: dict[str, Any] = {"after_effect": True, "probability": 0.4}
_ONCE = {"extra_copies": 0, "copies_at_once": False}

KINDS = (
    Kind("telegram 429", "telegram", _failing("flood", retry_after=2, probability=0.5)),
    Kind("telegram 500", "telegram", _failing("error", name="server_error")),
    Kind("telegram 502 in html", "telegram", _failing("html", probability=0.5)),
    Kind("telegram silent", "telegram", _failing("timeout", **_LONG)),
    Kind(
        "telegram silent after the effect",
        "telegram",
        _failing("timeout", **_LONG, **_AFTER),
        is_ambiguous=True,
    ),
    Kind("telegram resets", "telegram", _failing("reset")),
    Kind(
        "telegram resets after the effect",
        "telegram",
        _failing("reset", **_AFTER),
        is_ambiguous=True,
    ),
    Kind("topics deleted", "group", _topics_deleted),
    Kind("group upgraded in a burst", "group", _group_upgraded),
    Kind("bot demoted", "group", _bot_demoted),
    Kind("bot kicked", "group", _bot_kicked),
    Kind(
        "updates twice at once",
        "updates",
        _delivering({"extra_copies": 2, "copies_at_once": True}, _ONCE),
    ),
    Kind("updates late", "updates", _delivering({"held_kinds": ["*"]}, {"held_kinds": []})),
    Kind(
        "answers to updates lost",
        "updates",
        _delivering({"lose_answers": 20}, {"lose_answers": 0}),
    ),
    Kind("old updates again", "updates", _old_updates_again),
)
