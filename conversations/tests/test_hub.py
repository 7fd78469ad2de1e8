"""The hub of a process while Redis and the database fail, hang, or are met by many at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisAway

from conversations.socket import hub as hub_module
from conversations.socket.hub import Envelope, Hub, LayerMessage, group_name, layer_message
from conversations.socket.pushes import ClosedPush, DeliveredPush, NotePush, Push, SuspendedPush

TIMEOUT_SECONDS = 60
TENANT = uuid4()
# Such as a later version may send.
UNKNOWN = LayerMessage(type="push", body=msgspec.msgpack.encode({"type": "Poll"}))


@dataclass
class Layer:
    """A channel layer in memory, whose every call can be made to wait or to fail."""

    channels: list[str] = field(default_factory=list)
    groups: dict[str, set[str]] = field(default_factory=dict)
    addressed: list[str] = field(default_factory=list)
    sent: asyncio.Queue[LayerMessage] = field(default_factory=asyncio.Queue)
    arrivals: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    readers: int = 0
    failure: Exception | None = None
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    running: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.running.set()

    async def _answer(self) -> None:
        if not self.running.is_set():
            self.waiting.set()
        await self.running.wait()
        # As over a network, nobody has the answer at once.
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure

    async def new_channel(self) -> str:
        await self._answer()
        self.channels.append(f"channel {len(self.channels)}")
        return self.channels[-1]

    async def group_add(self, group: str, channel: str) -> None:
        await self._answer()
        self.groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._answer()
        self.groups.get(group, set()).discard(channel)

    async def group_send(self, group: str, message: LayerMessage) -> None:
        await self._answer()
        self.addressed.append(group)
        self.sent.put_nowait(message)

    async def send(self, channel: str, message: LayerMessage) -> None:
        await self._answer()
        self.arrivals.put_nowait(message)

    async def receive(self, channel: str) -> LayerMessage:
        self.readers += 1
        message: LayerMessage | Exception = await self.arrivals.get()
        if isinstance(message, Exception):
            raise message
        return message


class Listener:
    """A socket that only notes what it is told."""

    def __init__(self, conversation_id: UUID, last_seq: int = 0) -> None:
        self.conversation_id = conversation_id
        self.tenant_id = TENANT
        self.last_seq = last_seq
        self.offers: asyncio.Queue[Push] = asyncio.Queue()
        self.resyncs: asyncio.Queue[None] = asyncio.Queue()

    def offer(self, push: Push) -> None:
        self.offers.put_nowait(push)

    def resync(self) -> None:
        self.resyncs.put_nowait(None)


@dataclass
class Database:
    """Knows the newest seq of every conversation, while it answers."""

    newest: int = 5
    failures: list[Exception] = field(default_factory=list)
    questions: list[list[UUID]] = field(default_factory=list)
    ended: set[UUID] = field(default_factory=set)

    def newest_seqs(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        self.questions.append(list(ids))
        if self.failures:
            raise self.failures.pop(0)
        return {asked: self.newest for asked in self.questions[-1] if asked not in self.ended}


@dataclass
class Scene:
    """A hub between a layer and a database."""

    layer: Layer
    database: Database
    hub: Hub


def play(act: Callable[[Scene], Awaitable[None]]) -> None:
    async def scene() -> None:
        layer, database = Layer(), Database()
        loop = asyncio.get_running_loop()
        await act(Scene(layer, database, Hub(loop, layer=layer, newest_seqs=database.newest_seqs)))
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(asyncio.wait_for(scene(), TIMEOUT_SECONDS))


def from_elsewhere(audience: UUID, number: int, push: Push | None = None) -> LayerMessage:
    shown = push or NotePush(seq=number, key="waiting_for_agent", text="Wait")
    return layer_message(Envelope("another process", number, [(audience, shown)]))


def opened(message: LayerMessage) -> Envelope:
    return msgspec.msgpack.decode(message["body"], type=Envelope)


@pytest.fixture
def fast_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.005)


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "LAYER_SECONDS", 0.02)


def test_many_first_sockets_share_one_channel() -> None:
    async def act(scene: Scene) -> None:
        listeners = [Listener(uuid4()) for _ in range(40)]
        await asyncio.gather(*map(scene.hub.join, listeners))
        assert len(scene.layer.channels) == 1
        scene.layer.arrivals.put_nowait(from_elsewhere(listeners[0].conversation_id, 1))
        assert (await listeners[0].offers.get()).seq == 1
        assert listeners[0].offers.empty()
        await asyncio.gather(*map(scene.hub.leave, listeners))
        assert not any(scene.layer.groups.values()), "no subscription is left behind"

    play(act)


def test_a_repeated_push_is_shown_once() -> None:
    async def act(scene: Scene) -> None:
        listener = Listener(uuid4())
        await scene.hub.join(listener)
        for number in (1, 1, 2, 1, 3):
            scene.layer.arrivals.put_nowait(from_elsewhere(listener.conversation_id, number))
        assert [(await listener.offers.get()).seq for _ in range(3)] == [1, 2, 3]

    play(act)


def test_every_push_has_an_id_of_its_own_and_reaches_its_own_process_directly() -> None:
    async def act(scene: Scene) -> None:
        listener = Listener(uuid4())
        await scene.hub.join(listener)
        for number in range(2):
            scene.hub.broadcast(listener.conversation_id, ClosedPush(seq=number))
        assert [(await listener.offers.get()).seq for _ in range(2)] == [0, 1]
        sent = [opened(await scene.layer.sent.get()) for _ in range(2)]
        assert sent[0].number != sent[1].number
        assert [envelope.addressed[0] for envelope in sent] == [
            (listener.conversation_id, ClosedPush(seq=number)) for number in range(2)
        ]

    play(act)


def test_a_second_socket_waits_for_the_subscription_too() -> None:
    async def act(scene: Scene) -> None:
        conversation_id = uuid4()
        scene.layer.running.clear()
        joins = [
            asyncio.create_task(scene.hub.join(Listener(conversation_id, number)))
            for number in range(3)
        ]
        await scene.layer.waiting.wait()
        assert not any(join.done() for join in joins)
        scene.layer.running.set()
        done, _ = await asyncio.wait(joins, return_when=asyncio.FIRST_COMPLETED)
        assert done
        assert scene.layer.groups[group_name(conversation_id)]

    play(act)


def test_a_group_is_left_after_it_was_joined_even_when_the_socket_gave_up_first() -> None:
    async def act(scene: Scene) -> None:
        listener = Listener(uuid4())
        scene.layer.running.clear()
        joining = asyncio.create_task(scene.hub.join(listener))
        await scene.layer.waiting.wait()
        joining.cancel()
        leaving = asyncio.create_task(scene.hub.leave(listener))
        scene.layer.running.set()
        await leaving
        groups = {group_name(listener.conversation_id), group_name(TENANT)}
        assert scene.layer.groups == {group: set() for group in groups}

    play(act)


def test_a_redis_that_hangs_lets_sockets_open_and_is_joined_later(
    fast_heartbeat: None, short_patience: None
) -> None:
    async def act(scene: Scene) -> None:
        listeners = [Listener(uuid4()) for _ in range(40)]
        scene.layer.running.clear()
        await asyncio.gather(*map(scene.hub.join, listeners))
        assert not scene.layer.groups
        scene.layer.running.set()
        for listener in listeners:
            await listener.resyncs.get()
            assert scene.layer.groups[group_name(listener.conversation_id)]

    play(act)


def test_pushes_do_not_pile_up_before_a_redis_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_IN_FLIGHT", 3)

    async def act(scene: Scene) -> None:
        listener = Listener(uuid4())
        await scene.hub.join(listener)
        scene.layer.running.clear()
        for number in range(10):
            scene.hub.broadcast(listener.conversation_id, ClosedPush(seq=number))
        assert [(await listener.offers.get()).seq for _ in range(10)] == list(range(10))
        scene.layer.running.set()
        assert [opened(await scene.layer.sent.get()).addressed[0][1].seq for _ in range(3)] == [
            0,
            1,
            2,
        ]
        scene.hub.broadcast(listener.conversation_id, ClosedPush(seq=10))
        assert opened(await scene.layer.sent.get()).addressed[0][1].seq == 10, (
            "the others were given up"
        )

    play(act)


@pytest.mark.parametrize("failure", [OperationalError("away"), ValueError("a bug")])
def test_a_database_that_is_away_at_the_wrong_moment_only_postpones_the_resync(
    fast_heartbeat: None, failure: Exception
) -> None:
    async def act(scene: Scene) -> None:
        scene.layer.failure = RedisAway()
        scene.database.failures = [failure] * 3
        behind, current = Listener(uuid4(), last_seq=4), Listener(uuid4(), last_seq=5)
        await asyncio.gather(scene.hub.join(behind), scene.hub.join(current))
        scene.layer.failure = None
        await behind.resyncs.get()
        assert len(scene.database.questions) == 4, "asked until it answered"
        assert current.resyncs.empty()

    play(act)


@pytest.mark.parametrize(
    "failure", [RedisAway(), OSError(), ValueError("not msgpack"), {}, UNKNOWN]
)
def test_a_push_that_cannot_be_taken_does_not_end_the_hearing(failure: object) -> None:
    async def act(scene: Scene) -> None:
        listener = Listener(uuid4())
        await scene.hub.join(listener)
        scene.layer.arrivals.put_nowait(failure)
        scene.layer.arrivals.put_nowait(from_elsewhere(listener.conversation_id, 1))
        assert (await listener.offers.get()).seq == 1

    play(act)


def test_sockets_that_fell_behind_are_looked_for_together(fast_heartbeat: None) -> None:
    async def act(scene: Scene) -> None:
        scene.database.failures = [OperationalError("away")] * 2
        behind = [Listener(uuid4(), last_seq=5) for _ in range(20)]
        others = [Listener(uuid4(), last_seq=5) for _ in range(5)]
        gone = Listener(uuid4())
        await asyncio.gather(*map(scene.hub.join, [*behind, *others, gone]))
        for listener in (*behind, gone):
            scene.hub.fall_behind(listener)
        await scene.hub.leave(gone)
        scene.hub.fall_behind(gone)
        for listener in behind:
            await listener.resyncs.get()
        ids = {listener.conversation_id for listener in behind}
        assert [set(question) for question in scene.database.questions] == [ids] * 3
        assert all(listener.resyncs.empty() for listener in (*behind, *others, gone))

    play(act)


def test_what_concerns_a_tenant_reaches_each_of_its_sockets_once() -> None:
    async def act(scene: Scene) -> None:
        listeners = [Listener(uuid4()) for _ in range(3)]
        stranger = Listener(uuid4())
        stranger.tenant_id = uuid4()
        for listener in (*listeners, stranger):
            await scene.hub.join(listener)
        scene.hub.broadcast(TENANT, SuspendedPush())
        for listener in listeners:
            assert await listener.offers.get() == SuspendedPush()
            assert listener.offers.empty()
        await scene.layer.send("", from_elsewhere(TENANT, 1, SuspendedPush(seq=1)))
        for listener in listeners:
            assert await listener.offers.get() == SuspendedPush(seq=1)
        assert stranger.offers.empty()
        for listener in listeners[1:]:
            await scene.hub.leave(listener)
        assert scene.layer.groups[group_name(TENANT)], "one socket is left"
        await scene.hub.leave(listeners[0])
        assert not scene.layer.groups[group_name(TENANT)]

    play(act)


@pytest.mark.usefixtures("fast_heartbeat")
def test_after_a_gap_a_socket_that_is_no_longer_served_is_told_to_look() -> None:
    async def act(scene: Scene) -> None:
        served, ended = Listener(uuid4(), last_seq=5), Listener(uuid4(), last_seq=5)
        scene.database.ended.add(ended.conversation_id)
        for listener in (served, ended):
            await scene.hub.join(listener)
        scene.hub._is_healthy = False
        await ended.resyncs.get()
        assert served.resyncs.empty()
        assert TENANT not in {asked for question in scene.database.questions for asked in question}

    play(act)


def test_deliveries_of_one_moment_travel_as_one_push_of_the_tenant() -> None:
    async def act(scene: Scene) -> None:
        listeners = [Listener(uuid4()) for _ in range(3)]
        for listener in listeners:
            await scene.hub.join(listener)
        for listener in listeners[:2]:
            push = DeliveredPush(seq=1, id=listener.conversation_id.hex)
            scene.hub.broadcast_soon(TENANT, listener.conversation_id, push)
        sent = await scene.layer.sent.get()
        assert scene.layer.addressed == [group_name(TENANT)]
        for listener in listeners[:2]:
            heard = await listener.offers.get()
            assert heard == DeliveredPush(seq=1, id=listener.conversation_id.hex)

        # Another process opens what it has not packed itself.
        elsewhere = Envelope("elsewhere", 1, opened(sent).addressed)
        scene.layer.arrivals.put_nowait(layer_message(elsewhere))
        for listener in listeners[:2]:
            heard = await listener.offers.get()
            assert heard == DeliveredPush(seq=1, id=listener.conversation_id.hex)
        assert all(listener.offers.empty() for listener in listeners)

    play(act)


def test_a_single_delivery_goes_to_its_conversation_alone() -> None:
    async def act(scene: Scene) -> None:
        listener = Listener(uuid4())
        await scene.hub.join(listener)
        push = DeliveredPush(seq=1, id="of one")
        scene.hub.broadcast_soon(TENANT, listener.conversation_id, push)
        sent = await scene.layer.sent.get()
        assert scene.layer.addressed == [group_name(listener.conversation_id)]
        assert opened(sent).addressed == [(listener.conversation_id, push)]

    play(act)
