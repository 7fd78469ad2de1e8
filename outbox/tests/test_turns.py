"""Whose items are claimed next: arithmetic on what waits."""

from collections import Counter
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from outbox.turns import Queue, Room, choose

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def queue(
    tenant: UUID, items: list[int], *, channel: str = "g", lane: int = 20, busy: int = 0
) -> Queue:
    return Queue(tenant, channel, lane, busy, items)


def test_tenants_take_turns() -> None:
    waiting = [queue(A, [1, 2, 3, 4]), queue(B, [5, 6, 7]), queue(C, [8])]
    chosen = choose(waiting, Room(6, per_channel=4))
    assert chosen == [(A, 1), (B, 5), (C, 8), (A, 2), (B, 6), (A, 3)]


def test_the_best_lane_of_a_tenant_goes_first_and_then_the_oldest() -> None:
    waiting = [queue(A, [1, 2]), queue(A, [9], lane=10), queue(A, [3], channel="h")]
    assert choose(waiting, Room(9, per_channel=9)) == [(A, 9), (A, 1), (A, 2), (A, 3)]


def test_a_channel_has_only_so_many_attempts_at_once() -> None:
    waiting = [queue(A, [1, 2, 3], busy=2), queue(A, [4, 5], channel="h")]
    assert choose(waiting, Room(9, per_channel=3)) == [(A, 1), (A, 4), (A, 5)]


def test_the_lanes_of_a_channel_share_its_room() -> None:
    waiting = [queue(A, [1, 2, 3]), queue(A, [4, 5], lane=10)]
    assert choose(waiting, Room(9, per_channel=3)) == [(A, 4), (A, 5), (A, 1)]


def test_the_last_senders_are_kept_for_channels_without_an_attempt() -> None:
    waiting = [queue(A, [1, 2], busy=1), queue(B, [3, 4]), queue(C, [5])]
    assert choose(waiting, Room(2, per_channel=4, reserved=2)) == [(B, 3), (C, 5)]


PLACES = [(tenant, channel) for tenant in (A, B, C) for channel in ("", "g")]
# How many attempts each channel has in flight, and how many items wait in each of its two lanes.
waits = st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=len(PLACES), max_size=len(PLACES))
rooms = st.builds(Room, st.integers(0, 12), st.integers(1, 4), st.integers(0, 4))


@given(waits, rooms)
def test_no_limit_is_passed_and_no_tenant_passed_over(
    waiting: list[tuple[int, int, int]], room: Room
) -> None:
    numbers = count()
    queues = [
        queue(tenant, [next(numbers) for _ in range(size)], channel=channel, lane=lane, busy=busy)
        for (tenant, channel), (busy, *sizes) in zip(PLACES, waiting, strict=True)
        for lane, size in zip((10, 20), sizes, strict=True)
    ]
    chosen = choose(queues, room)
    assert len(chosen) == len(set(chosen)) <= room.free
    served = Counter(tenant for tenant, _ in chosen)
    for (tenant, channel), (busy, *_) in zip(PLACES, waiting, strict=True):
        here = [one for one in queues if (one.tenant_id, one.channel) == (tenant, channel)]
        offered = {item for one in here for item in one.eligible}
        taken = sum(item in offered for _, item in chosen)
        assert taken == 0 or busy + taken <= room.per_channel
        if busy == 0 and offered and room.free >= 3:
            assert served[tenant], "there was room, and nothing in flight at its channel"
