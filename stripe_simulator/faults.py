"""Faults on demand: the next calls are refused, fail, or work and are not answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stripe_simulator.errors import Refusal


class Fault(StrEnum):
    """What goes wrong with a call."""

    BUSY = "busy"
    """429, with a Retry-After of one second; nothing happens."""
    BROKEN = "broken"
    """500; nothing happens."""
    CUT_AFTER = "cut_after"
    """It is done, and the connection ends without an answer."""
    CUT_BEFORE = "cut_before"
    """The connection ends before anything is done."""
    NO_ENTRY = "no_entry"
    """401: the key is not accepted."""
    OTHER_ACCOUNT = "other_account"
    """404: the key is of another account, which has no such thing."""


@dataclass
class Planned:
    """A fault that will meet so many calls of a path."""

    fault: Fault
    path: str
    left: int


class Faults:
    """What is planned."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []

    def plan(self, fault: Fault, *, path: str = "/v1/", times: int = 1) -> None:
        """Let the next calls whose path begins so meet it."""
        self._planned.append(Planned(fault, path, times))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._planned.clear()

    def next_for(self, path: str) -> Fault | None:
        """The fault that this call meets."""
        for planned in self._planned:
            if planned.left and path.startswith(planned.path):
                planned.left -= 1
                return planned.fault
        return None


def refusal_of(fault: Fault | None) -> Refusal | None:
    """The answer of a fault that has one."""
    if fault == Fault.BUSY:
        return Refusal(429, "rate_limit", "Too many requests.")
    if fault == Fault.BROKEN:
        return Refusal(500, "api_error", "Something is wrong here.", kind="api_error")
    if fault == Fault.NO_ENTRY:
        return Refusal(401, "invalid_api_key", "This key is not accepted.")
    if fault == Fault.OTHER_ACCOUNT:
        return Refusal(404, "resource_missing", "No such customer.", param="customer")
    return None
