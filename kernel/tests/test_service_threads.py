"""Calls wait for a service thread: how many may, and whose turn it is."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kernel import context, fair_turns
from kernel.service_threads import Overloaded, in_thread_of


@pytest.fixture(autouse=True)
def _work_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine: no call rests."""
    monkeypatch.setattr(fair_turns, "_WORK_SECONDS", 3600)


class Calls:
    """Calls that begin, and end when they are told to."""

    def __init__(self) -> None:
        self.begun = 0
        self.has_begun = threading.Semaphore(0)
        self.may_end = threading.Event()

    def work(self, tenant: str) -> None:
        """What runs in a service thread."""
        context.note(tenant_id=tenant)
        self.begun += 1
        self.has_begun.release()
        assert self.may_end.wait(60)

    async def ask(self, subject: str, tenant: str) -> None:
        """A request for a conversation of this tenant."""
        context.start_request()
        await in_thread_of(subject, self.work, tenant)

    async def wait_for(self, count: int) -> None:
        """Until so many more have begun."""
        for _ in range(count):
            assert await asyncio.to_thread(self.has_begun.acquire, timeout=60)


async def known(tenant: str, *subjects: str) -> None:
    """The process has served these conversations before."""
    calls = Calls()
    calls.may_end.set()
    # The first call tells whose they are, the second one takes that tenant's turn.
    for subject in subjects * 2:
        await asyncio.create_task(calls.ask(subject, tenant))


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()

    asyncio.run(told())


def test_new_conversations_of_the_only_tenant_are_no_other_tenants() -> None:
    async def story() -> None:
        names = [f"alone {number}" for number in range(6)]
        await known("alone", *names)
        calls = Calls()
        tasks = [asyncio.create_task(calls.ask("alone, new", "alone"))]
        tasks += [asyncio.create_task(calls.ask(name, "alone")) for name in names]
        await calls.wait_for(7)
        calls.may_end.set()
        await asyncio.gather(*tasks)

    run(story)


def test_calls_that_wait_for_a_turn_are_counted_too(settings: Any) -> None:
    settings.WEB_MAX_WAITING = 5

    async def story() -> None:
        await known("calm", "calm 0")
        await known("loud", *(f"loud {number}" for number in range(6)))
        calls = Calls()
        tasks = [asyncio.create_task(calls.ask(f"loud {number}", "loud")) for number in range(5)]
        await calls.wait_for(2)
        with pytest.raises(Overloaded):
            await calls.ask("loud 5", "loud")
        assert calls.begun == 2, "beside another tenant, one has two at work"
        calls.may_end.set()
        await asyncio.gather(*tasks)

    run(story)
