"""What lies between the processes, and a neighbour who wants all of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import requests

from tests.chaos.people import cut
from tests.chaos.scene import Happening, Kind, Scene
from tests.chaos.world import NOISY, World
from tests.customer import Customer, arrive
from tests.links import Link

_LOUD_THREADS = 4
_Pick = Callable[[World], Link]


def _link(pick: _Pick, act: Callable[[Link], None]) -> Happening:
    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        link = pick(scene.world)
        act(link)
        try:
            yield
        finally:
            link.restore()

    return happen


def _postgres(world: World) -> Link:
    return world.to_postgres


def _redis(world: World) -> Link:
    return world.to_redis


def _telegram(world: World) -> Link:
    return world.to_telegram


def _slow(link: Link) -> None:
    link.delay_seconds, link.loss = 0.03, 0.05


@contextmanager
def _sockets_cut(scene: Scene) -> Iterator[None]:
    for watcher in scene.watchers:
        if watcher.socket is not None:
            cut(watcher.socket)
    yield


@contextmanager
def _flood(scene: Scene) -> Iterator[None]:
    """A neighbour tenant writes as fast as it can, and starts conversations beside."""
    enough = threading.Event()
    web = scene.world.addresses[0]

    def write() -> None:
        writer: Customer | None = None
        while not enough.is_set():
            # Refusals are what it asks for; a process that is away is another fault's doing.
            with suppress(requests.RequestException, AssertionError):
                writer = writer or arrive(web, tenant=NOISY)
                writer.call("POST", "messages", json={"text": "Again"})

    threads = [threading.Thread(target=write, daemon=True) for _ in range(_LOUD_THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join()


KINDS = (
    Kind("slow network to postgres", "to postgres", _link(_postgres, _slow)),
    Kind("network to postgres cut", "to postgres", _link(_postgres, Link.block)),
    Kind("silent network to postgres", "to postgres", _link(_postgres, Link.silence)),
    Kind("slow network to redis", "to redis", _link(_redis, _slow)),
    Kind("silent network to redis", "to redis", _link(_redis, Link.silence)),
    Kind("slow network to telegram", "to telegram", _link(_telegram, _slow)),
    Kind("network to telegram cut", "to telegram", _link(_telegram, Link.block), is_ambiguous=True),
    Kind("sockets cut", "sockets", _sockets_cut),
    Kind("neighbour floods", "neighbour", _flood),
)
