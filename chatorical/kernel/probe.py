"""Questions to servers that may not answer."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Probe(Generic[Answer]):
    """A question that is asked in a thread of its own, by one caller for all who ask meanwhile.

    A server that is paused keeps that thread, and no other one, until it goes on.
    """

    def __init__(self, name: str, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._asked: Future[Answer] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"probe-{name}")

    def answer(self, timeout_seconds: float) -> Answer | None:
        """The answer, or None when there is none in time; raises what the question raises."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._ask)
            asked = self._asked
        try:
            return asked.result(timeout_seconds)
        except NotInTime:
            if asked.done():
                # The question's own TimeoutError.
                raise
            return None
