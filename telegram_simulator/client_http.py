"""HTTP between the client and the control API, and waiting on its events."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import requests

T = TypeVar("T")
MAX_POLL_SECONDS = 20.0
SLACK_SECONDS = 10.0


class SimulatorRefused(Exception):
    """The control API said no; the text says why."""


class SimulatorTimeout(AssertionError):
    """What was awaited did not happen in time."""


class Talk:
    """One keep-alive session with one simulator."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def call(
        self, verb: str, path: str, body: Any = None, *, poll_seconds: float = 0.0, **query: Any
    ) -> Any:
        """One control call; raises SimulatorRefused with the simulator's reason."""
        answer = self._session.request(
            verb,
            f"{self.base_url}/sim{path}",
            data=None if body is None else msgspec.json.encode(body),
            params={name: value for name, value in query.items() if value is not None},
            timeout=poll_seconds + SLACK_SECONDS,
        )
        if answer.status_code >= 400:
            try:
                reason = answer.json()["error"]["message"]
            except (ValueError, KeyError):
                reason = answer.text
            raise SimulatorRefused(f"{verb} {path}: {reason}")
        return msgspec.json.decode(answer.content)

    def download(self, path: str) -> bytes:
        """The bytes that a control call answers; raises SimulatorRefused."""
        answer = self._session.get(f"{self.base_url}/sim{path}", timeout=SLACK_SECONDS)
        if answer.status_code >= 400:
            raise SimulatorRefused(f"GET {path}: {answer.text}")
        return answer.content

    def read(self, kind: type[T], verb: str, path: str, body: Any = None, **query: Any) -> T:
        """A control call whose answer is a `kind`."""
        return msgspec.convert(self.call(verb, path, body, **query), kind, strict=False)

    def wait_for(self, look: Callable[[], T | None], what: str, timeout_seconds: float = 60.0) -> T:
        """Call `look` after each change until it gives something other than None or False.

        Raises SimulatorTimeout naming `what`.
        """
        deadline = time.monotonic() + timeout_seconds
        seq = self.call("GET", "/wait", after_change=-1, timeout=0)["seq"]
        while True:
            found = look()
            if found is not None and found is not False:
                return found
            left = min(deadline - time.monotonic(), MAX_POLL_SECONDS)
            if left <= 0:
                raise SimulatorTimeout(f"not seen within {timeout_seconds:g} s: {what}")
            seq = self.call(
                "GET", "/wait", poll_seconds=left, after_change=seq, timeout=round(left, 3)
            )["seq"]
