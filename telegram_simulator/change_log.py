"""What changed, in order: the source of the page's live updates and of every waiting call."""

from __future__ import annotations

import asyncio
from collections import deque

from msgspec import Struct

REMEMBERED_CHANGES = 5_000


class Change(Struct, frozen=True, omit_defaults=True):
    """One change. It names what changed and not how: readers look at the state as it is now."""

    seq: int
    kind: str
    """message, message_gone, topic, topic_gone, group, member, call, update, answer, action,
    settings or reset."""
    chat_id: int = 0
    thread_id: int = 0
    message_id: int = 0
    bot_id: int = 0
    ref: str = ""
    """Id of a callback query, number of a call or of an update, name of a chat action."""


class ChangeLog:
    """Numbered changes; the number of the last one is `seq`."""

    def __init__(self) -> None:
        self.seq = 0
        self.is_closed = False
        self._ring: deque[Change] = deque(maxlen=REMEMBERED_CHANGES)
        self._waiters: set[asyncio.Future[None]] = set()

    def tell(
        self,
        kind: str,
        *,
        chat_id: int = 0,
        thread_id: int = 0,
        message_id: int = 0,
        bot_id: int = 0,
        ref: str = "",
    ) -> None:
        self.seq += 1
        self._ring.append(Change(self.seq, kind, chat_id, thread_id, message_id, bot_id, ref))
        if self._waiters:
            self._wake()

    def since(self, seq: int) -> list[Change] | None:
        """Changes after this number; None when some of them are forgotten already."""
        if seq >= self.seq:
            return []
        if not self._ring or self._ring[0].seq > seq + 1:
            return None
        newest_first: list[Change] = []
        for change in reversed(self._ring):
            if change.seq <= seq:
                break
            newest_first.append(change)
        return newest_first[::-1]

    def close(self) -> None:
        """End all waits: the process is about to stop."""
        self.is_closed = True
        self._wake()

    async def wait(self, after: int, timeout_seconds: float) -> bool:
        """Return as soon as there is a change after this number; False when time ran out."""
        if self.seq > after or self.is_closed:
            return self.seq > after
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait_for(waiter, timeout_seconds)
        except TimeoutError:
            return self.seq > after
        finally:
            self._waiters.discard(waiter)
        return self.seq > after

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()
