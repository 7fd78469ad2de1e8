"""Waiting for what nobody announces: by asking again, and giving up with what was seen."""

import time
from collections.abc import Callable
from typing import TypeVar

TIMEOUT_SECONDS = 60
_PAUSE_SECONDS = 0.05

Found = TypeVar("Found")


def _nothing() -> str:
    return ""


def wait_until(
    look: Callable[[], Found],
    what: str,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    describe: Callable[[], str] = _nothing,
) -> Found:
    """Call `look` until it returns something true, and return that.

    Raises AssertionError after the timeout; it names `what` and adds what `describe` returns, such
    as the last lines of a log.
    """
    deadline = time.monotonic() + timeout_seconds
    while not (found := look()):
        assert time.monotonic() < deadline, (
            f"not within {timeout_seconds:g} s: {what}\n{describe()}"
        )
        time.sleep(_PAUSE_SECONDS)
    return found
