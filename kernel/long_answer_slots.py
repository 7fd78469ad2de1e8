"""Slots for answers that are longer than one piece: a bounded number of them at a time.

Such an answer holds a piece of itself in memory for as long as its client takes to read it. So the
number of them is bounded in one process: in all, for one tenant, for one conversation and for one
address. A tenant has fewer slots than there are in all, so that others are served beside it. And
where all are taken, a client that has not read for a few seconds is hung up on in favour of one
that waits.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakSet

import structlog
from django.conf import settings

from kernel.errors import RateLimited

logger = structlog.get_logger(__name__)

Claim = tuple[str, str]
"""What is counted, a key of LONG_ANSWERS_AT_ONCE, and whose."""
HangUp = Callable[[], None]
# In an ASGI scope: ends the connection at once, whatever is still to be sent.
HANG_UP = "chatorical.hang_up"

# How long a caller may wait for a slot; a page that several tabs load at once is served then.
WAIT_SECONDS = 5.0
# A client that has not read for so long loses its slot to one that waits for it.
_DEAF_SECONDS = 2.0
_LOOK_SECONDS = 0.5
# Callers that wait, in one process: each one holds its first piece.
_MAX_WAITING = 64
RETRY_AFTER_SECONDS = 5


@dataclass(slots=True)
class _Waiting:
    claims: tuple[Claim, ...]
    loop: asyncio.AbstractEventLoop
    slot: "asyncio.Future[Slot]"


class Slot:
    """One slot that is taken; its holder gives it back, once or several times."""

    def __init__(self, slots: "Slots", claims: tuple[Claim, ...]) -> None:
        self._slots: Slots | None = slots
        self.claims = claims
        # Since when the holder waits for its client to read, and how to hang up on that client.
        self.waits_since: float | None = None
        self.hang_up: HangUp | None = None

    def release(self) -> None:
        """Let another answer have it; from any thread."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.free(self.claims)

    def __del__(self) -> None:
        # An answer whose client has gone before the first byte is dropped without being read.
        self.release()


class Slots:
    """The slots of this process; from any thread."""

    def __init__(self, named: str = "long answers") -> None:
        """`named` is what they are for, in a refusal."""
        self._named = named
        self._lock = threading.RLock()
        self._taken: Counter[Claim] = Counter()
        self._waiting: list[_Waiting] = []
        self._held: WeakSet[Slot] = WeakSet()

    def take(self, claims: Iterable[Claim]) -> Slot:
        """A slot, at once; raises RateLimited."""
        wanted = (("in_all", ""), *claims)
        with self._lock:
            if self._has_room(wanted):
                return self._taken_by(wanted)
        raise self.refusal()

    def require_room(self, claims: Iterable[Claim]) -> None:
        """Raises RateLimited when one of these has all that it may have, whatever others have."""
        with self._lock:
            if not self._has_room(tuple(claims)):
                raise self.refusal()

    def full_among(self, claims: Iterable[Claim]) -> set[Claim]:
        """Those of these that have all that they may have, whatever others have."""
        with self._lock:
            return {claim for claim in claims if not self._has_room((claim,))}

    async def wait_for(self, claims: Iterable[Claim]) -> Slot:
        """A slot, as soon as there is one; raises RateLimited after WAIT_SECONDS."""
        wanted = (("in_all", ""), *claims)
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._has_room(wanted):
                return self._taken_by(wanted)
            if len(self._waiting) >= _MAX_WAITING:
                raise self.refusal()
            waiting = _Waiting(wanted, loop, loop.create_future())
            self._waiting.append(waiting)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    self._hang_up_on_one(wanted)
                    done, _ = await asyncio.wait([waiting.slot], timeout=_LOOK_SECONDS)
                    if done:
                        return waiting.slot.result()
        except TimeoutError:
            raise self.refusal() from None
        finally:
            with self._lock:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)

    def free(self, claims: tuple[Claim, ...]) -> None:
        """One slot fewer is taken; those that wait get what they can."""
        with self._lock:
            self._taken -= Counter(claims)
            for waiting in tuple(self._waiting):
                if self._has_room(waiting.claims):
                    self._waiting.remove(waiting)
                    slot = self._taken_by(waiting.claims)
                    waiting.loop.call_soon_threadsafe(_hand_over, waiting.slot, slot)

    def refusal(self) -> RateLimited:
        """What a caller is told for whom there is no slot."""
        return RateLimited(
            f"Too many {self._named} are on their way at the moment. "
            f"Please try again in {RETRY_AFTER_SECONDS} s.",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )

    def _has_room(self, claims: tuple[Claim, ...]) -> bool:
        limits = settings.LONG_ANSWERS_AT_ONCE
        return all(self._taken[claim] < limits[claim[0]] for claim in claims)

    def _taken_by(self, claims: tuple[Claim, ...]) -> Slot:
        self._taken.update(claims)
        slot = Slot(self, claims)
        self._held.add(slot)
        return slot

    def _hang_up_on_one(self, wanted: tuple[Claim, ...]) -> None:
        """Make room at the cost of the client that has not read for longest; on the event loop."""
        with self._lock:
            full = self.full_among(wanted)
            latest = time.monotonic() - _DEAF_SECONDS
            deaf = [
                (slot.waits_since, slot.hang_up)
                for slot in self._held
                if slot.waits_since is not None
                and slot.waits_since <= latest
                and slot.hang_up is not None
                and full <= set(slot.claims)
            ]
        if deaf:
            _, hang_up = min(deaf, key=lambda one: one[0])
            hang_up()


def _hand_over(future: "asyncio.Future[Slot]", slot: Slot) -> None:
    if future.done():
        # It has waited too long in this very moment.
        slot.release()
    else:
        future.set_result(slot)


def claims_of(network: str | None, tenant_id: UUID, conversation_id: UUID | None) -> list[Claim]:
    """What a long answer counts for; `network` is None where the address is not known."""
    claims = [("tenant", str(tenant_id))]
    if conversation_id is not None:
        claims.append(("conversation", str(conversation_id)))
    if network is not None:
        claims.append(("address", network))
    return claims


SLOTS = Slots()
