"""The group's budget: spent by us before Telegram refuses."""

import uuid

import pytest
from pytest_django import Settings

from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from channels_telegram.tests.conftest import POINTS, WINDOW_SECONDS
from tenants.rate_windows import SlidingWindows, Window
from tenants.redis_client import redis_client
from tests.conftest import Stage
from tests.processes import free_port


def test_a_rush_never_provokes_a_refusal(rough: Stage) -> None:
    rough.simulator.forgive()
    rough.simulator.set_pacing(
        enabled=True, per_group=POINTS, group_window_seconds=float(WINDOW_SECONDS)
    )
    before = rough.simulator.last_call
    customers = [rough.customer() for _ in range(3)]
    lines = [f"line {number}" for number in range(10)]
    for line in lines:
        for customer in customers:
            customer.send(line)
    for customer in customers:
        answer = customer.call("PATCH", "name", json={"name": "Mara"})
        assert answer.status_code == 200

    for customer in customers:
        topic = rough.group.wait_for_topic(
            f"Mara — {customer.codename}", timeout_seconds=TIMEOUT_SECONDS
        )
        rough.group.wait_for_message(": line 9", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
        posted = [text.partition(": ")[2] for text in rough.group.texts(topic.thread_id)[1:]]
        assert posted == lines
    calls = [c for c in rough.simulator.calls(after=before) if c.chat_id == rough.group.chat_id]
    assert len(calls) >= len(customers) * (2 + len(lines) + 1)
    assert [call for call in calls if call.status == 429] == []
    took = calls[-1].at - calls[0].at
    assert took >= (len(calls) - POINTS) / POINTS * WINDOW_SECONDS, "the budget was not kept"


def test_an_agents_action_goes_before_waiting_messages(rough: Stage) -> None:
    case = open_case(rough)
    busy = [rough.customer() for _ in range(3)]
    for number in range(10):
        for customer in busy:
            customer.send(f"line {number}")
    case.write("Ana", "/help")
    answer = case.told("/claim takes")
    topics = [rough.group.wait_for_topic(customer.codename) for customer in busy]
    last = [
        rough.group.wait_for_message(": line 9", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
        for topic in topics
    ]
    assert all(answer.message_id < message.message_id for message in last)


@pytest.mark.parametrize("is_away", [False, True])
def test_a_call_leaves_the_window_after_its_length(settings: Settings, is_away: bool) -> None:
    if is_away:
        settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    redis_client.cache_clear()
    windows = SlidingWindows("test")
    names = [f"group {uuid.uuid4()}" for _ in range(2)]
    whole = Window(names[0], 2, 60_000)
    assert [windows.take(whole) for _ in range(2)] == [None, None]
    refusal = windows.take(whole)
    assert refusal is not None
    assert 59_000 < refusal.milliseconds <= 60_001
    assert windows.used(whole) == (None if is_away else 2)
    assert windows.take(Window(names[1], 2, 60_000)) is None
    assert windows.take(Window(names[0], 3, 60_000)) is None
    assert windows.take(Window(names[0], 1, 0)) is None
    redis_client.cache_clear()
