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
