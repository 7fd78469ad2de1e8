"""The group's budget: spent by us before Telegram refuses."""

from channels_telegram.outgoing.rate_limit import LocalWindows
from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from channels_telegram.tests.conftest import POINTS, WINDOW_SECONDS
from tests.conftest import Stage


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


def test_without_redis_each_process_counts_for_itself() -> None:
    windows = LocalWindows()
    assert [windows.take("group", 2, 60) for _ in range(2)] == [0, 0]
    assert 59 < windows.take("group", 2, 60) <= 60
    assert windows.take("another group", 2, 60) == 0
    assert windows.take("group", 3, 60) == 0
    assert windows.take("group", 1, 0) == 0
