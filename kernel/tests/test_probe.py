"""Many who ask a server whether it is well cause few questions."""

import asyncio
from itertools import count
from threading import Event

import pytest

from kernel import probe
from kernel.probe import Probe


class Clock:
    """Stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Probe's own."""
    made = Clock()
    monkeypatch.setattr(probe, "monotonic", made)
    return made


def test_a_flood_causes_four_questions_in_a_second(clock: Clock) -> None:
    numbers = count(1)
    questions = Probe("test", lambda: next(numbers))

    async def flood() -> set[int | None]:
        return set(await asyncio.gather(*(questions.wait_for_answer(5) for _ in range(500))))

    assert [questions.answer(5) for _ in range(3)] == [1, 2, 3], "no answer is an old one"
    assert asyncio.run(flood()) == {4}
    clock.now += 0.99
    assert asyncio.run(flood()) == {4}
    clock.now += 0.02
    assert [questions.answer(5) for _ in range(6)] == [5, 6, 7, 8, 8, 8]


def test_who_gives_up_cancels_it_for_nobody(clock: Clock) -> None:
    goes_on = Event()
    questions = Probe("test", lambda: goes_on.wait(30))

    async def two() -> tuple[bool | None, bool | None]:
        patient = asyncio.create_task(questions.wait_for_answer(30))
        hasty = await questions.wait_for_answer(0.01)
        goes_on.set()
        return hasty, await patient

    assert asyncio.run(two()) == (None, True)


def test_a_fault_is_every_callers(clock: Clock) -> None:
    def fail() -> int:
        raise LookupError("nothing there")

    questions = Probe("test", fail)
    with pytest.raises(LookupError):
        asyncio.run(questions.wait_for_answer(5))
    with pytest.raises(LookupError):
        questions.answer(5)
