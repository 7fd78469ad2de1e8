"""Long answers fetch one after another, and leave time to everybody else."""

import asyncio

import pytest

from kernel.long_answer_turns import in_turn


def test_no_two_fetch_at_once_and_each_gets_its_turn() -> None:
    running: list[str] = []
    order: list[str] = []

    async def fetch(name: str) -> str:
        running.append(name)
        assert running == [name]
        await asyncio.sleep(0)
        running.remove(name)
        order.append(name)
        return name

    async def read(name: str) -> None:
        for _ in range(3):
            assert await in_turn(lambda: fetch(name)) == name

    async def run() -> None:
        await asyncio.gather(*(read(name) for name in "abc"))

    asyncio.run(run())
    assert order == [*"abc"] * 3


def test_a_fetch_that_fails_gives_its_turn_away() -> None:
    async def fail() -> None:
        raise ConnectionError

    async def succeed() -> str:
        return "read"

    async def run() -> str:
        with pytest.raises(ConnectionError):
            await in_turn(fail)
        return await in_turn(succeed)

    assert asyncio.run(run()) == "read"


def test_a_fetch_that_waits_for_something_holds_nobody_up() -> None:
    async def run() -> list[str]:
        done: list[str] = []
        there = asyncio.Event()

        async def wait() -> None:
            await there.wait()
            done.append("the one that waited")

        async def fetch() -> None:
            done.append("another one")
            there.set()

        await asyncio.gather(in_turn(wait), in_turn(fetch))
        return done

    assert asyncio.run(run()) == ["another one", "the one that waited"]


def test_whoever_leaves_takes_the_fetch_along() -> None:
    async def run() -> bool:
        was_cancelled = False

        async def wait() -> None:
            nonlocal was_cancelled
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                was_cancelled = True
                raise

        reading = asyncio.create_task(in_turn(wait))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.sleep(0)
        return was_cancelled

    assert asyncio.run(run())
