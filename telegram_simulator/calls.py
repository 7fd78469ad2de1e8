"""Log of every Bot API call, kept for assertions and for the page."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from telegram_simulator.records import Json

REMEMBERED_CALLS = 20_000


class LoggedCall(Struct):
    """One call as it came in and how it ended. It never holds the bot's token."""

    seq: int
    at: float
    bot_id: int
    method: str
    params: Any
    """A parameter struct, or the bare mapping when it did not fit one."""
    chat_id: int = 0
    thread_id: int = 0
    status: int = 0
    """HTTP status; 0 while it runs and when no answer left (timeout, reset)."""
    description: str = ""
    retry_after: int = 0
    message_id: int = 0
    """The message or topic that the call made or touched."""
    fault: str = ""
    """The injected fault that hit it."""
    took_ms: float = 0.0
    is_done: bool = False

    def view(self) -> Json:
        shown: Json = msgspec.to_builtins(self)
        shown["at"] = round(self.at, 3)
        shown["took_ms"] = round(self.took_ms, 2)
        shown["ok"] = 200 <= self.status < 300
        return shown


class Violation(Struct):
    """A call that breaks the published parameters of its method."""

    call: int
    method: str
    problem: str


class CallLog:
    """The last calls in order, counters over all of them, and the violations."""

    def __init__(self) -> None:
        self.seq = 0
        self.violations: list[Violation] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        """(method, outcome) -> calls; outcome is the HTTP status or the fault's name."""
        self._calls: deque[LoggedCall] = deque(maxlen=REMEMBERED_CALLS)

    def open(self, at: float, bot_id: int, method: str) -> LoggedCall:
        self.seq += 1
        call = LoggedCall(self.seq, at, bot_id, method, None)
        self._calls.append(call)
        return call

    def finish(self, call: LoggedCall, took_ms: float) -> None:
        call.took_ms = took_ms
        call.is_done = True
        self.counts[call.method, str(call.status) if call.status else call.fault] += 1

    def violate(self, call: LoggedCall, problem: str) -> None:
        self.violations.append(Violation(call.seq, call.method, problem))

    def since(self, seq: int) -> Iterator[LoggedCall]:
        """Remembered calls with a greater number, oldest first."""
        if not self._calls:
            return
        skip = max(seq + 1 - self._calls[0].seq, 0)
        for index in range(skip, len(self._calls)):
            yield self._calls[index]

    def clear(self) -> None:
        """Forget everything but the numbering, which goes on."""
        self._calls.clear()
        self.violations.clear()
        self.counts.clear()
