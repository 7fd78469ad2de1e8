"""Pushes that can wait a moment travel together.

After an outage a worker says `delivered` hundreds of times a second, and one trip to Redis for each
is a good part of what a post costs it. So those that come at about the same time go out together to
the tenant, which every process with a socket of that tenant hears and opens.
"""

import asyncio
import threading
from collections.abc import Callable
from uuid import UUID

from conversations.socket.pushes import Push

# Nobody sees the difference, and in a crowd there are several in each batch.
GATHER_SECONDS = 0.02
Addressed = tuple[UUID, Push]
"""A push and its audience: a conversation or a tenant."""


class PushBatcher:
    """What waits to be sent together, by tenant."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send: Callable[[UUID, list[Addressed]], None],
    ) -> None:
        """`send` lets the processes that listen to an audience have these pushes."""
        self._loop = loop
        self._send = send
        self._lock = threading.Lock()
        self._waiting: dict[UUID, list[Addressed]] = {}

    def add(self, tenant_id: UUID, audience: UUID, push: Push) -> None:
        """Send a push to an audience within the tenant, soon; from any thread."""
        with self._lock:
            is_first = not self._waiting
            self._waiting.setdefault(tenant_id, []).append((audience, push))
        if is_first:
            self._loop.call_soon_threadsafe(self._loop.call_later, GATHER_SECONDS, self._send_all)

    def _send_all(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for tenant_id, addressed in waiting.items():
            # A single one is heard only where the conversation is shown.
            self._send(addressed[0][0] if len(addressed) == 1 else tenant_id, addressed)
