"""Faults on demand: which calls are to fail, how, and how often."""

from __future__ import annotations

import asyncio
import random
from typing import Literal

from msgspec import Struct

from telegram_simulator.errors import NAMED, TelegramError, too_many_requests
from telegram_simulator.records import Json

FaultKind = Literal["error", "flood", "html", "timeout", "reset", "slow"]


class Fault(Struct, kw_only=True, omit_defaults=True):
    """One order to fail.

    `error` answers the named error or `status` + `description`; `flood` a 429 with
    `retry_after`; `html` a 502 page as a front server would; `timeout` keeps the connection
    silent; `reset` cuts it; `slow` only delays the answer by `delay_ms`.
    """

    id: int = 0
    kind: FaultKind
    method: str = ""
    """Empty: any method. Upper and lower case are the same."""
    chat_id: int = 0
    thread_id: int | None = None
    text: str = ""
    """What the call's text or caption contains; empty: anything."""
    times: int | None = 1
    """How many calls to hit; null: all until it is taken back."""
    probability: float = 1.0
    after_effect: bool = False
    """Do what was asked first, then fail: the caller cannot know."""
    name: str = ""
    status: int = 500
    description: str = ""
    parameters: Json | None = None
    retry_after: int = 3
    delay_ms: int = 0
    hold_seconds: float = 300.0
    """How long a timed-out connection stays open, unless the caller leaves or the fault is taken
    back before."""
    hits: int = 0

    @property
    def label(self) -> str:
        after = "_after_effect" if self.after_effect else ""
        return f"{self.kind}{after}"

    def refusal(self) -> TelegramError:
        """The error answer of an `error` or `flood` fault."""
        if self.kind == "flood":
            return too_many_requests(self.retry_after)
        status, description = NAMED.get(self.name, (self.status, self.description))
        return TelegramError(status, description or "Internal Server Error", self.parameters)


class Faults:
    """The standing orders, tried in the order in which they were given."""

    def __init__(self, rng: random.Random) -> None:
        self.standing: list[Fault] = []
        self._rng = rng
        self._last_id = 0
        self._taken_back: dict[int, asyncio.Event] = {}

    def add(self, fault: Fault) -> Fault:
        self._last_id += 1
        fault.id = self._last_id
        self.standing.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """Take an order back; the connections that it holds are cut."""
        if fault_id in self._taken_back:
            self._taken_back[fault_id].set()
        return self._retire(fault_id)

    def clear(self) -> None:
        """Take every order back, and cut what those that are used up still hold."""
        self.standing.clear()
        for event in self._taken_back.values():
            event.set()

    def taken_back(self, fault: Fault) -> asyncio.Event:
        """Set when the fault, which has struck, is taken back."""
        return self._taken_back[fault.id]

    def _retire(self, fault_id: int) -> bool:
        before = len(self.standing)
        self.standing = [fault for fault in self.standing if fault.id != fault_id]
        return len(self.standing) < before

    def match(self, method: str, chat_id: int, thread_id: int, text: str) -> Fault | None:
        """The fault for this call, counted as used; None when it may pass."""
        for fault in self.standing:
            if (
                (fault.method and fault.method.lower() != method.lower())
                or (fault.chat_id and fault.chat_id != chat_id)
                or (fault.thread_id is not None and fault.thread_id != thread_id)
                or fault.text not in text
                or (fault.probability < 1 and self._rng.random() >= fault.probability)
            ):
                continue
            fault.hits += 1
            self._taken_back.setdefault(fault.id, asyncio.Event())
            if fault.times is not None and fault.hits >= fault.times:
                self._retire(fault.id)
            return fault
        return None
