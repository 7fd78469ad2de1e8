"""Who gets a slot for a long answer, who waits, and who is refused."""

import asyncio

import pytest
from django.conf import settings

from kernel import long_answer_slots
from kernel.errors import RateLimited
from kernel.long_answer_slots import Claim, Slots


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slots in all, two of a tenant, one of a conversation and two of an address."""
    limits = {"in_all": 3, "tenant": 2, "conversation": 1, "address": 2}
    monkeypatch.setattr(settings, "LONG_ANSWERS_AT_ONCE", limits)
    monkeypatch.setattr(long_answer_slots, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(long_answer_slots, "_LOOK_SECONDS", 0.01)


def claims(tenant: str, conversation: str, address: str) -> list[Claim]:
    return [("tenant", tenant), ("conversation", conversation), ("address", address)]


@pytest.mark.parametrize(
    ("taken", "wanted", "has_room"),
    [
        ([], ("a", "1", "x"), True),
        ([("a", "1", "x")], ("a", "1", "y"), False),
        ([("a", "1", "x")], ("a", "2", "x"), True),
        ([("a", "1", "x"), ("a", "2", "y")], ("a", "3", "z"), False),
        ([("a", "1", "x"), ("a", "2", "y")], ("b", "3", "z"), True),
        ([("a", "1", "x"), ("b", "2", "x")], ("c", "3", "x"), False),
        ([("a", "1", "x"), ("b", "2", "y"), ("c", "3", "z")], ("d", "4", "u"), False),
    ],
)
def test_each_bound_holds(
    taken: list[tuple[str, str, str]], wanted: tuple[str, str, str], has_room: bool
) -> None:
    room = Slots()
    held = [room.take(claims(*one)) for one in taken]
    if has_room:
        assert room.take(claims(*wanted))
        return
    with pytest.raises(RateLimited) as refused:
        room.take(claims(*wanted))
    assert refused.value.retry_after_seconds
    with pytest.raises(RateLimited):
        asyncio.run(waited(room, wanted))
    held.pop().release()
    held.clear()
    assert room.take(claims(*wanted)), "what is dropped is given back, too"


def test_only_what_is_ones_own_is_looked_at_beforehand() -> None:
    room = Slots()
    held = [room.take(claims(*one)) for one in [("a", "1", "x"), ("b", "2", "y"), ("c", "3", "z")]]
    room.require_room(claims("d", "4", "u"))
    with pytest.raises(RateLimited):
        room.require_room(claims("a", "1", "u"))
    for slot in held:
        slot.release()


async def waited(room: Slots, wanted: tuple[str, str, str]) -> None:
    (await room.wait_for(claims(*wanted))).release()


def test_the_first_that_waits_gets_what_becomes_free() -> None:
    async def run() -> list[str]:
        room, order = Slots(), list[str]()
        held = room.take(claims("a", "1", "x"))

        async def wait(name: str) -> None:
            slot = await room.wait_for(claims("a", "1", "x"))
            order.append(name)
            slot.release()

        tasks = [asyncio.create_task(wait(name)) for name in "xyz"]
        await asyncio.sleep(0)
        held.release()
        held.release()
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(run()) == ["x", "y", "z"]


def test_who_has_not_read_for_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_answer_slots, "WAIT_SECONDS", 10.0)
    monkeypatch.setitem(settings.LONG_ANSWERS_AT_ONCE, "in_all", 4)

    async def run() -> None:
        room = Slots()
        held = {name: room.take(claims("a", name, name)) for name in "xy"}
        other = room.take(claims("b", "z", "z"))
        for since, slot in ((2.0, held["x"]), (1.0, held["y"]), (0.5, other)):
            slot.hang_up = slot.release
            slot.waits_since = since
        slot = await room.wait_for(claims("a", "3", "3"))
        # y has not read since an earlier moment than x; the other tenant's is no help.
        with pytest.raises(RateLimited):
            room.take(claims("b", "x", "5"))
        assert room.take(claims("b", "y", "5"))

    asyncio.run(run())
