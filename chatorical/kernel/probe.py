"""Questions to servers that may not answer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

# A flood of askers causes one question in this time.
_FRESH_SECONDS = 0.5


class Probe(Generic[Answer]):
    """A question that is asked in a thread of its own, by one caller for all who ask meanwhile.

    Its answer is given again for half a second. A server that is paused keeps that thread, and no
    other one, until it goes on.
    """

    def __init__(self, name: str, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._asked: Future[Answer] | None = None
        self._fresh_until = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"probe-{name}")

    def answer(self, timeout_seconds: float) -> Answer | None:
        """The answer, or None when there is none in time; raises what the question raises."""
        asked = self._current()
        try:
            return asked.result(timeout_seconds)
        except NotInTime:
            if asked.done():
                # The question's own TimeoutError.
                raise
            return None

    async def wait_for_answer(self, timeout_seconds: float) -> Answer | None:
        """As `answer`, on the event loop: callers who wait hold no thread."""
        asked = asyncio.wrap_future(self._current())
        # Other callers wait for the same question, so one who gives up does not cancel it.
        done, _ = await asyncio.wait({asked}, timeout=timeout_seconds)
        return asked.result() if done else None

    def _current(self) -> Future[Answer]:
        with self._lock:
            if self._asked is None or (self._asked.done() and self._fresh_until <= monotonic()):
                self._asked = self._thread.submit(self._ask_and_note_when)
            return self._asked

    def _ask_and_note_when(self) -> Answer:
        try:
            return self._ask()
        finally:
            self._fresh_until = monotonic() + _FRESH_SECONDS
