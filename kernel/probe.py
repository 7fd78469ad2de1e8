"""Questions to servers that may not answer."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

# Questions in a second, whatever the number of askers.
_QUESTIONS = 4
_SECOND = 1.0


class Probe(Generic[Answer]):
    """A question that is asked in a thread of its own, by one caller for all who ask meanwhile.

    More than four questions in a second are not asked: the last answer is given again. A server
    that is paused keeps that thread, and no other one, until it goes on.
    """

    def __init__(self, name: str, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._asked: Future[Answer] | None = None
        self._asked_at: deque[float] = deque(maxlen=_QUESTIONS)
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
            if self._asked is None or (self._asked.done() and self._may_ask()):
                self._asked_at.append(monotonic())
                self._asked = self._thread.submit(self._ask)
            return self._asked

    def _may_ask(self) -> bool:
        is_unasked = len(self._asked_at) < _QUESTIONS
        return is_unasked or monotonic() - self._asked_at[0] >= _SECOND
