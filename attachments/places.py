"""Places of uploads: a bounded number of them at a time, shared by the tenants.

An upload takes as long as its sender likes, down to a least speed. So it may be ended while it is
received or waits for its turn. Where all places are taken, the slowest upload of the tenant that
has most of them makes room for a tenant that has fewer; where a tenant has all that it may have,
its own slowest one makes room for its next, once it has had time to show its speed.

For the event loop's thread only.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

import structlog

from kernel.errors import RateLimited
from kernel.long_answer_slots import Claim, Slot, Slots, claims_of

logger = structlog.get_logger(__name__)

# Most files have arrived by then.
_SETTLED_SECONDS = 5.0


class Place:
    """The place of one upload."""

    def __init__(self, tenant_id: UUID, slot: Slot, refusal: Callable[[], RateLimited]) -> None:
        self.tenant_id = tenant_id
        self._slot = slot
        self._refusal = refusal
        self._began_at = time.monotonic()
        self._received: Callable[[], int] | None = None
        self._limit: asyncio.Timeout | None = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What it counts for."""
        return self._slot.claims

    @property
    def age(self) -> float:
        """For how many seconds it is taken."""
        return time.monotonic() - self._began_at

    @property
    def may_end(self) -> bool:
        """Whether its upload is one that gives way at the moment."""
        return self._limit is not None

    @property
    def speed(self) -> float:
        """Bytes that came in a second."""
        return (self._received() if self._received else 0) / max(self.age, 0.001)

    @asynccontextmanager
    async def giving_way(self, received: Callable[[], int]) -> AsyncIterator[None]:
        """In here the upload may be ended in favour of another one; raises RateLimited when it is.

        `received` says how many bytes have come.
        """
        try:
            async with asyncio.timeout(None) as limit:
                self._received, self._limit = received, limit
                try:
                    yield
                finally:
                    self._received = self._limit = None
        except TimeoutError:
            raise self._refusal() from None

    def end(self) -> None:
        """End the upload, whose place is free from now on."""
        limit, self._limit = self._limit, None
        if limit is not None:
            limit.reschedule(0)
        self.release()

    def release(self) -> None:
        """Give the place back; more than once does no harm."""
        self._slot.release()


class Places:
    """The places of this process."""

    def __init__(self) -> None:
        self._slots = Slots("uploads")
        self._taken: set[Place] = set()

    @contextmanager
    def one(
        self, *, network: str | None, tenant_id: UUID, conversation_id: UUID
    ) -> Iterator[Place]:
        """A place for an upload, at once; raises RateLimited when there is none to be had."""
        claims = claims_of(network, tenant_id, conversation_id)
        place = Place(tenant_id, self._slot(tenant_id, claims), self._slots.refusal)
        self._taken.add(place)
        try:
            yield place
        finally:
            self._taken.discard(place)
            place.release()

    def _slot(self, tenant_id: UUID, claims: list[Claim]) -> Slot:
        try:
            return self._slots.take(claims)
        except RateLimited:
            slowest = self._slowest_that_makes_room(tenant_id, claims)
            if slowest is None:
                raise
        logger.warning("upload_made_room", tenant_id=str(slowest.tenant_id))
        slowest.end()
        self._taken.discard(slowest)
        return self._slots.take(claims)

    def _slowest_that_makes_room(self, tenant_id: UUID, claims: list[Claim]) -> Place | None:
        full = self._slots.full_among(claims)
        if not full:
            giving = self._of_the_tenant_with_most(beside=tenant_id)
        elif full == {("tenant", str(tenant_id))}:
            own = (one for one in self._taken if one.tenant_id == tenant_id)
            giving = [one for one in own if one.age >= _SETTLED_SECONDS]
        else:
            # One address or conversation has had its share.
            return None
        return min((one for one in giving if one.may_end), key=lambda one: one.speed, default=None)

    def _of_the_tenant_with_most(self, *, beside: UUID) -> list[Place]:
        """Those of the tenant that has most, and more than this one has with one more."""
        numbers = Counter(one.tenant_id for one in self._taken)
        most = max(numbers, key=lambda tenant_id: numbers[tenant_id])
        if numbers[most] <= numbers[beside] + 1:
            return []
        return [one for one in self._taken if one.tenant_id == most]


PLACES = Places()
