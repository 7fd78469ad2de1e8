"""The product's processes: killed, stopped, and without time."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from tests.chaos.scene import Happening, Kind, Scene
from tests.processes import Process

_Pick = Callable[[Scene], list[Process]]


@contextmanager
def standing_still(processes: list[psutil.Process]) -> Iterator[None]:
    """The kernel gives them no time, as on a machine that swaps or is moved."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            if process.is_running():
                process.send_signal(signal.SIGCONT)


def _ended(pick: _Pick, how: Callable[[Process], int]) -> Happening:
    """They are started again as a supervisor does: at once, and the next fault may meet that."""

    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        processes = pick(scene)
        for process in processes:
            how(process)
        try:
            yield
        finally:
            for process in processes:
                process.start_without_waiting()

    return happen


def _paused(pick: _Pick) -> Happening:
    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        alive = [process for process in pick(scene) if process.is_running]
        with standing_still([psutil.Process(process.pid) for process in alive]):
            yield

    return happen


def _a_web(scene: Scene) -> list[Process]:
    return [scene.random.choice(scene.world.webs)]


def _webs(scene: Scene) -> list[Process]:
    return scene.world.webs


def _a_worker(scene: Scene) -> list[Process]:
    return [scene.random.choice(scene.world.workers)]


def _workers(scene: Scene) -> list[Process]:
    return scene.world.workers


def _beat(scene: Scene) -> list[Process]:
    return [scene.world.beat]


KINDS = (
    Kind("web killed", "web", _ended(_a_web, Process.kill)),
    Kind("web paused", "web", _paused(_a_web)),
    Kind("every web killed", "web", _ended(_webs, Process.kill)),
    Kind("worker killed", "worker", _ended(_a_worker, Process.kill), is_ambiguous=True),
    Kind("worker stopped", "worker", _ended(_a_worker, Process.stop)),
    Kind("worker paused", "worker", _paused(_a_worker), is_ambiguous=True),
    Kind("every worker killed", "worker", _ended(_workers, Process.kill), is_ambiguous=True),
    Kind("beat killed", "beat", _ended(_beat, Process.kill)),
)
