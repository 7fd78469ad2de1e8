"""What the simulated Stripe knows: its objects, its clock, and what has happened."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stripe_simulator.errors import Refusal

Json = dict[str, Any]
Listener = Callable[[Json], None]


class Store:
    """Everything, in memory. Whoever changes it holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.tables: dict[str, dict[str, Json]] = {}
        self.events: list[Json] = []
        self.meter_events: list[Json] = []
        self.on_event: Listener = lambda _event: None
        # How far its clock is ahead of ours.
        self.ahead_seconds = 0
        self._numbers = itertools.count(1)
        # The answers of calls with an idempotency key: the call, status and body.
        self.kept: dict[str, tuple[str, int, Json]] = {}
        self._file: Path | None = None

    def open(self, file: Path | None) -> None:
        """Keep everything in this file, and begin with what it has."""
        self._file = file
        if file is None or not file.exists():
            return
        found = json.loads(file.read_text())
        self.tables, self.events = found["tables"], found["events"]
        self.meter_events, self.ahead_seconds = found["meter_events"], found["ahead_seconds"]
        self.kept = {key: (one[0], one[1], one[2]) for key, one in found["kept"].items()}
        self._numbers = itertools.count(found["next"])

    def save(self) -> None:
        """Write the file, if there is one; before anybody is told of a change."""
        if self._file is None:
            return
        number = next(self._numbers)
        self._numbers = itertools.count(number)
        kept = {
            "tables": self.tables,
            "events": self.events[-_MAX_KEPT_EVENTS:],
            "meter_events": self.meter_events,
            "ahead_seconds": self.ahead_seconds,
            "kept": self.kept,
            "next": number,
        }
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(kept))
        draft.rename(self._file)

    def now(self) -> int:
        """Its own time, in seconds."""
        return int(time.time()) + self.ahead_seconds

    def new_id(self, prefix: str) -> str:
        """An id that sorts in the order in which things were made."""
        return f"{prefix}_sim{next(self._numbers):012d}"

    def add(self, thing: Json) -> Json:
        """Keep a new object under its id."""
        self.tables.setdefault(thing["object"], {})[thing["id"]] = thing
        return thing

    def rows(self, kind: str) -> Iterator[Json]:
        """Every object of a kind, the newest first."""
        return reversed(list(self.tables.get(kind, {}).values()))

    def get(self, kind: str, thing_id: str, *, param: str = "id") -> Json:
        """The object; raises Refusal as Stripe does for what there is not."""
        found = self.tables.get(kind, {}).get(thing_id)
        if found is None:
            raise Refusal(404, "resource_missing", f"No such {kind}: '{thing_id}'", param=param)
        return found

    def tell(self, kind: str, about: Json, previous: Json | None = None) -> Json:
        """Make an event about an object as it is now."""
        data: Json = {"object": copy_of(about)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
            "data": data,
        }
        self.events.append(event)
        self.on_event(event)
        return event


API_VERSION = "2026-10-28.endive"
_MAX_KEPT_EVENTS = 1_000


def copy_of(value: Any) -> Any:
    """A deep copy of JSON values."""
    if isinstance(value, dict):
        return {name: copy_of(one) for name, one in value.items()}
    return [copy_of(one) for one in value] if isinstance(value, list) else value
