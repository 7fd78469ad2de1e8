"""The simulator's clock: real time plus what a test has moved it forward."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Seconds since 1970. Moving it wakes everything that waits for a moment on it."""

    def __init__(self) -> None:
        self._ahead_seconds = 0.0
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        return time.time() + self._ahead_seconds

    def advance(self, seconds: float) -> None:
        self._move_to(self._ahead_seconds + seconds)

    def reset(self) -> None:
        """Back to real time."""
        self._move_to(0.0)

    def on_advance(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def _move_to(self, ahead_seconds: float) -> None:
        self._ahead_seconds = ahead_seconds
        for listener in self._listeners:
            listener()
