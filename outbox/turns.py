"""Whose items are claimed next: tenants take turns, and no channel takes every sender.

Pure arithmetic on what a survey of the outbox has found; see outbox/claiming.py.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Queue:
    """The eligible items of one lane of one channel of one tenant, oldest first.

    `in_flight` counts the attempts that any worker has under way in the channel. `is_crowded`: the
    survey has read as far as it may and found fewer items than could be attempted.
    """

    tenant_id: UUID
    channel: str
    lane: int
    in_flight: int
    eligible: Sequence[int]
    is_crowded: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How many items a worker can take.

    `free` senders are idle. The last `reserved` of them only serve channels in which nothing is in
    flight, so that channels that hang cannot hold them all. `per_channel` is the most that may be
    in flight in one channel, over all workers.
    """

    free: int
    per_channel: int
    reserved: int = 0

    @property
    def max_per_channel_now(self) -> int:
        """How many attempts may be in flight in a channel that is given another one."""
        return self.per_channel if self.free > self.reserved else 1


@dataclass(frozen=True, slots=True)
class _Candidate:
    lane: int
    item: int
    place: tuple[UUID, str]


def choose(queues: Sequence[Queue], room: Room) -> list[tuple[UUID, int]]:
    """The items to lease, as (tenant, item), one of each tenant in turn.

    Tenants take their turns in the order of `queues`; the best lane of a tenant goes first, and of
    a lane the oldest item.
    """
    waiting = _by_tenant(queues)
    in_flight = Counter({(queue.tenant_id, queue.channel): queue.in_flight for queue in queues})
    chosen: list[tuple[UUID, int]] = []
    while waiting and len(chosen) < room.free:
        for tenant_id in list(waiting):
            left = room.free - len(chosen)
            item = _take(waiting[tenant_id], in_flight, room, left)
            if item is None:
                del waiting[tenant_id]
            else:
                chosen.append((tenant_id, item))
            if len(chosen) == room.free:
                break
    return chosen


def _by_tenant(queues: Sequence[Queue]) -> dict[UUID, list[_Candidate]]:
    """Each tenant's candidates, the next one last."""
    waiting: dict[UUID, list[_Candidate]] = {}
    for queue in queues:
        place = (queue.tenant_id, queue.channel)
        mine = waiting.setdefault(queue.tenant_id, [])
        mine += [_Candidate(queue.lane, item, place) for item in queue.eligible]
    for candidates in waiting.values():
        candidates.sort(key=lambda one: (one.lane, one.item), reverse=True)
    return waiting


def _take(
    candidates: list[_Candidate],
    in_flight: Counter[tuple[UUID, str]],
    room: Room,
    left: int,
) -> int | None:
    """The tenant's next item for which its channel has room; None when there is none."""
    while candidates:
        candidate = candidates.pop()
        busy = in_flight[candidate.place]
        if busy < room.per_channel and (busy == 0 or left > room.reserved):
            in_flight[candidate.place] += 1
            return candidate.item
    return None
