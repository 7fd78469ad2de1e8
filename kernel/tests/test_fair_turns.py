"""Tenants share the threads of a process by turns."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kernel import fair_turns
from kernel.fair_turns import FairTurns, Turn


@pytest.fixture(autouse=True)
def _work_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine: no call rests unless a test says so."""
    monkeypatch.setattr(fair_turns, "_WORK_SECONDS", 3600)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Crowd:
    """The calls of one owner: which have begun, in order."""

    def __init__(self, turns: FairTurns, owner: str) -> None:
        self.turns = turns
        self.owner = owner
        self.begun: list[tuple[int, Turn]] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def call(self, count: int) -> None:
        """So many more calls ask for a turn."""
        for number in range(len(self.tasks), len(self.tasks) + count):
            self.tasks.append(asyncio.create_task(self._one(number)))
        await settle()

    async def _one(self, number: int) -> None:
        self.begun.append((number, await self.turns.take(self.owner)))

    async def end(self, place: int) -> None:
        """The call that has begun at this place ends."""
        self.begun[place][1].end()
        await settle()

    @property
    def numbers(self) -> list[int]:
        return [number for number, _ in self.begun]


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()

    asyncio.run(told())


def test_one_who_is_alone_leaves_two_threads_for_who_comes() -> None:
    async def story() -> None:
        alone = Crowd(FairTurns(8), "acme")
        await alone.call(20)
        assert alone.numbers == [0, 1, 2, 3, 4, 5]
        await alone.end(3)
        assert alone.numbers == [0, 1, 2, 3, 4, 5, 6]

    run(story)


def test_beside_another_each_has_two_at_work_in_the_order_of_asking() -> None:
    async def story() -> None:
        turns = FairTurns(8)
        loud, calm = Crowd(turns, "acme"), Crowd(turns, "globex")
        await calm.call(1)
        await loud.call(20)
        assert (calm.numbers, loud.numbers) == ([0], [0, 1])
        await calm.call(1)
        assert calm.numbers == [0, 1], "a neighbour's waiting calls are nothing to it"
        await loud.end(1)
        await loud.end(2)
        assert loud.numbers == [0, 1, 2, 3]

    run(story)


def test_what_waits_for_a_lock_keeps_half_of_the_threads_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        turns = FairTurns(8)
        loud, calm = Crowd(turns, "acme"), Crowd(turns, "globex")
        await calm.call(1)
        await loud.call(20)
        await loud.tasks[3]
        # Long enough for a fifth, were there one.
        await asyncio.sleep(0.05)
        await calm.call(1)
        assert (len(loud.begun), calm.numbers) == (4, [0, 1])
        await loud.end(0)
        assert len(loud.begun) == 5

    monkeypatch.setattr(fair_turns, "_WORK_SECONDS", 0.001)
    run(story)


def test_who_hangs_up_while_waiting_or_when_admitted_loses_no_turn() -> None:
    async def story() -> None:
        turns = FairTurns(8)
        await Crowd(turns, "globex").call(1)
        loud = Crowd(turns, "acme")
        await loud.call(5)
        loud.tasks[2].cancel()
        loud.begun[0][1].end()
        # The fourth has been admitted and has not run yet.
        loud.tasks[3].cancel()
        await settle()
        assert loud.numbers == [0, 1, 4]
        await loud.end(1)
        await loud.end(2)
        await loud.call(2)
        assert loud.numbers == [0, 1, 4, 5, 6]

    run(story)


def test_who_has_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        turns = FairTurns(8)
        for number in range(50):
            gone = Crowd(turns, f"gone {number}")
            await gone.call(1)
            await gone.end(0)
        alone = Crowd(turns, "acme")
        await alone.call(3)
        assert len(alone.begun) == 2
        passed.append(2.0)
        await alone.call(1)
        await alone.end(0)
        assert len(alone.begun) == 4, "nobody else is there any more"

    passed: list[float] = [0.0]
    monkeypatch.setattr(fair_turns, "monotonic", lambda: passed[-1])
    run(story)
