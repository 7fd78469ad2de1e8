"""Pushes that can wait a moment travel together.

After an outage a worker says `delivered` hundreds of times a second, and one trip to Redis for each
is a good part of what a post costs it. So those that come at about the same time go out as one push
to the tenant, which every process with a socket of that tenant hears and opens.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

# Nobody sees the difference, and in a crowd there are several in each batch.
GATHER_SECONDS = 0.02
_EVENT = "batch"


class PushBatcher:
    """What waits to be sent together, by tenant."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        broadcast: Callable[[UUID, dict[str, Any]], None],
    ) -> None:
        """`broadcast` sends a push to an audience."""
        self._loop = loop
        self._broadcast = broadcast
        self._lock = threading.Lock()
        self._waiting: dict[UUID, list[tuple[UUID, dict[str, Any]]]] = {}

    def add(self, tenant_id: UUID, audience: UUID, push: dict[str, Any]) -> None:
        """Send a push to an audience within the tenant, soon; from any thread."""
        with self._lock:
            is_first = not self._waiting
            self._waiting.setdefault(tenant_id, []).append((audience, push))
        if is_first:
            self._loop.call_soon_threadsafe(self._loop.call_later, GATHER_SECONDS, self._send)

    def _send(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for tenant_id, addressed in waiting.items():
            if len(addressed) == 1:
                # As ever: only who shows the conversation hears of it.
                self._broadcast(*addressed[0])
            else:
                self._broadcast(tenant_id, _packed(addressed))


def _packed(addressed: list[tuple[UUID, dict[str, Any]]]) -> dict[str, Any]:
    contents = [{**push, "audience": audience.hex} for audience, push in addressed]
    # To a process of the release before this one it is an event that no socket can show.
    return {"event": _EVENT, "contents": contents, "seq": 0}


def unpacked(audience: UUID, push: dict[str, Any]) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """The pushes in a batch and their audiences; of any other push, itself."""
    if push["event"] == _EVENT:
        for content in push["contents"]:
            # A copy: what is shown here is encoded in place, and the batch is sent to others, too.
            yield UUID(hex=content["audience"]), dict(content)
    else:
        yield audience, push
