"""Whose upload is ended when the places are taken."""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from attachments import places
from attachments.places import Places
from kernel.errors import RateLimited

ACME, GLOBEX, BAKERY = uuid4(), uuid4(), uuid4()


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four places in all, two of a tenant, one of a conversation and three of an address."""
    limits = {"in_all": 4, "tenant": 2, "conversation": 1, "address": 3}
    monkeypatch.setattr(settings, "LONG_ANSWERS_AT_ONCE", limits)


class Uploads:
    """Uploads that never end by themselves, each of a conversation of its own."""

    def __init__(self) -> None:
        self._places = Places()
        self._tasks: dict[str, asyncio.Task[str]] = {}

    async def begin(self, name: str, tenant_id: UUID, *, received: int = 0) -> str:
        """The state of the upload when it has begun."""
        self._tasks[name] = asyncio.create_task(self._hold(name, tenant_id, received))
        await asyncio.sleep(0)
        return self.states()[name]

    def states(self) -> dict[str, str]:
        return {n: t.result() if t.done() else "under way" for n, t in self._tasks.items()}

    async def settle(self) -> dict[str, str]:
        """The states once those that are to end have ended."""
        for _ in range(5):
            await asyncio.sleep(0)
        return self.states()

    async def cancel(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _hold(self, name: str, tenant_id: UUID, received: int) -> str:
        try:
            with self._places.one(
                network=name, tenant_id=tenant_id, conversation_id=uuid4()
            ) as place:
                async with place.giving_way(lambda: received):
                    await asyncio.Event().wait()
        except RateLimited:
            return "refused"
        return "done"


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


def test_the_slowest_of_the_tenant_with_most_makes_room_for_one_with_fewer() -> None:
    async def story() -> None:
        uploads = Uploads()
        for name, tenant, received in (
            ("a1", ACME, 20_000),
            ("a2", ACME, 10_000_000),
            ("g1", GLOBEX, 30_000_000),
        ):
            await uploads.begin(name, tenant, received=received)
        assert await uploads.begin("b1", BAKERY) == "under way"
        assert await uploads.begin("g2", GLOBEX) == "refused", "it would have as many as acme"
        assert await uploads.begin("c1", uuid4()) == "under way"
        assert await uploads.settle() == {
            "a1": "refused",
            "a2": "under way",
            "g1": "under way",
            "g2": "refused",
            "b1": "under way",
            "c1": "under way",
        }
        assert await uploads.begin("d1", uuid4()) == "refused", "nobody has two"
        await uploads.cancel()

    run(story())


def test_a_tenants_own_slowest_makes_room_when_it_has_shown_its_speed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        uploads = Uploads()
        await uploads.begin("a1", ACME, received=2_000)
        await uploads.begin("a2", ACME, received=1_000)
        assert await uploads.begin("a3", ACME) == "refused", "neither has had its time"
        monkeypatch.setattr(places, "_SETTLED_SECONDS", 0.0)
        assert await uploads.begin("a4", ACME) == "under way"
        assert (await uploads.settle())["a2"] == "refused"
        assert uploads.states()["a1"] == "under way"
        await uploads.cancel()

    run(story())


def test_a_conversation_with_all_that_it_may_have_ends_nothing() -> None:
    """Nor does an upload end that is being worked on."""
    room, conversation = Places(), uuid4()

    async def story() -> None:
        with ExitStack() as held:
            held.enter_context(room.one(network=None, tenant_id=ACME, conversation_id=conversation))
            with pytest.raises(RateLimited):
                room.one(network=None, tenant_id=ACME, conversation_id=conversation).__enter__()
            held.enter_context(room.one(network=None, tenant_id=ACME, conversation_id=uuid4()))
            for _ in range(2):
                held.enter_context(
                    room.one(network=None, tenant_id=GLOBEX, conversation_id=uuid4())
                )
            with pytest.raises(RateLimited):
                room.one(network=None, tenant_id=BAKERY, conversation_id=uuid4()).__enter__()

    run(story())
