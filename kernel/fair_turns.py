"""Turns of owners, such as tenants, at the service threads of a process.

One who calls alone may have nearly all threads. As soon as there are others, each has two calls at
work at a time: what they compute is computed on one core, so that each more of one would only take
longer, and everybody else's with it. A call that has not ended soon waits for something, such as a
lock: it works no longer, but still keeps one of the half of the threads that one owner may block.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from itertools import takewhile
from time import monotonic

# Of one owner, while there are others.
_MAX_AT_WORK = 2
# Who has not called for so long is no longer there.
_PRESENT_SECONDS = 1.0
# How long a call is taken to be at work.
_WORK_SECONDS = 0.1
# Threads that an owner who is alone leaves free for those who come.
_FREE_THREADS = 2


class _Share:
    """What one owner has at the moment."""

    __slots__ = ("at_work", "called_at", "running", "waiting")

    def __init__(self) -> None:
        self.running = 0
        self.at_work = 0
        self.waiting: deque[asyncio.Future[Turn]] = deque()
        self.called_at = 0.0

    @property
    def is_idle(self) -> bool:
        return not self.running and not self.waiting


class Turn:
    """A call's place; ended exactly once, by `end`."""

    __slots__ = ("_share", "_turns", "_work")

    def __init__(self, turns: "FairTurns", share: _Share) -> None:
        self._turns = turns
        self._share = share
        share.running += 1
        share.at_work += 1
        loop = asyncio.get_running_loop()
        self._work: asyncio.TimerHandle | None = loop.call_later(_WORK_SECONDS, self._rest)

    def end(self) -> None:
        """Give the place to the next call of this owner."""
        self._share.running -= 1
        if self._work is not None:
            self._work.cancel()
            self._rest()
        else:
            self._turns.admit(self._share)

    def _rest(self) -> None:
        self._work = None
        self._share.at_work -= 1
        self._turns.admit(self._share)


class FairTurns:
    """The owners of one event loop's calls; touched by that loop only."""

    def __init__(self, threads: int) -> None:
        self._of_one_alone = max(1, threads - _FREE_THREADS)
        self._of_one_of_many = max(1, threads // 2)
        # In the order of their latest calls.
        self._shares: OrderedDict[Hashable, _Share] = OrderedDict()

    async def take(self, owner: Hashable) -> Turn:
        """Wait for a place; calls of one owner get theirs in the order of asking."""
        share = self._share_of(owner)
        if not share.waiting and self._has_place(share):
            return Turn(self, share)
        place: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()
        share.waiting.append(place)
        try:
            return await place
        except asyncio.CancelledError:
            if not place.cancelled():
                place.result().end()
            raise

    def admit(self, share: _Share) -> None:
        """Let those who wait begin, as far as there is room."""
        while share.waiting and self._has_place(share):
            place = share.waiting.popleft()
            if not place.cancelled():
                place.set_result(Turn(self, share))

    def _has_place(self, share: _Share) -> bool:
        if len(self._shares) == 1:
            return share.running < self._of_one_alone
        return share.running < self._of_one_of_many and share.at_work < _MAX_AT_WORK

    def _share_of(self, owner: Hashable) -> _Share:
        now = monotonic()
        share = self._shares.get(owner)
        if share is None:
            share = self._shares[owner] = _Share()
        share.called_at = now
        self._shares.move_to_end(owner)
        self._forget_the_absent(now)
        return share

    def _forget_the_absent(self, now: float) -> None:
        seen_first = takewhile(
            lambda entry: entry[1].called_at < now - _PRESENT_SECONDS, self._shares.items()
        )
        for owner in [owner for owner, share in seen_first if share.is_idle]:
            del self._shares[owner]
