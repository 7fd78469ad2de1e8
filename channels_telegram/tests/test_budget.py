"""The group's budget: spent by us before Telegram refuses."""

import uuid
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from channels_telegram.tests.conftest import POINTS, WINDOW_SECONDS
from telegram_simulator.seen import SeenTopic
from tenants.rate_windows import SlidingWindows, Window
from tenants.redis_client import redis_client
from tests.conftest import Stage
from tests.processes import free_port
from tests.sockets.typed import typed


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
        assert lines_in(rough, topic) == lines
    calls = [c for c in rough.simulator.calls(after=before) if c.chat_id == rough.group.chat_id]
    # A topic, its controls, its title, and no message alone while others of its customer wait.
    assert len(calls) >= len(customers) * 4
    assert [call for call in calls if call.status == 429] == []
    took = calls[-1].at - calls[0].at
    assert took >= (len(calls) - POINTS) / POINTS * WINDOW_SECONDS, "the budget was not kept"


def lines_in(stage: Stage, topic: SeenTopic) -> list[str]:
    """What the agents read of a customer, by message, in whichever posts."""
    posts = stage.group.texts(topic.thread_id)[1:]
    return [line.partition(": ")[2] for post in posts for line in post.split("\n")]


def test_a_burst_shares_posts_once_the_budget_is_short(rough: Stage) -> None:
    case = open_case(rough, name="Mara")
    with typed(case.customer, shows_all=True) as socket:
        # The group wants silence for a moment, and what is written meanwhile waits.
        rough.simulator.add_fault("flood", method="sendMessage", retry_after=3)
        before = rough.simulator.last_call
        burst = [f"line {number}" for number in range(3 * POINTS)]
        sent = [case.customer.send(line)["id"] for line in burst]
        last = case.told(f": {burst[-1]}")
        assert lines_in(rough, case.topic) == [case.first_line, *burst]
        # Each message is told to be with the agents, whichever post it was in.
        delivered: list[str] = []
        while sent[-1] not in delivered:
            delivered.append(socket.next_where(type="delivered")["id"])
        # Perhaps after the first line, which was written before.
        assert delivered[-len(sent) :] == sent
    calls = rough.simulator.calls(after=before)
    posts = [c for c in calls if c.method == "sendMessage" and c.status == 200]
    assert len(posts) < len(burst)
    labels = [entity for entity in last.entities if entity["type"] == "bold"]
    assert {last.text[e["offset"] :][: e["length"]] for e in labels} == {"Mara:"}
    assert len(labels) == last.text.count("Mara: ") > 1, "each stands under its label"


def test_what_telegram_refuses_takes_no_other_message_with_it(rough: Stage) -> None:
    case = open_case(rough, name="Mara")
    with typed(case.customer, shows_all=True) as socket:
        rough.simulator.add_fault("flood", method="sendMessage", retry_after=3)
        burst = [f"line {number}" for number in range(POINTS - 2)]
        marked = burst.index(burst[-4])
        burst[marked] = "marked"
        rough.simulator.add_fault(
            "error", name="parse_mode", method="sendMessage", text="marked", times=None
        )
        sent = [case.customer.send(line)["id"] for line in burst]
        case.told(f": {burst[-1]}")
        # By attempts of their own: a group that is busy has no room for a second call in one.
        rough.worker.wait_for_log("delivery_failed", "refused together with what came next")
        case.claim()
        frames: list[dict[str, Any]] = []
        while not frames or frames[-1]["type"] != "agent_joined":
            frames.append(socket.next(timeout_seconds=TIMEOUT_SECONDS))
    assert lines_in(rough, case.topic)[1:-1] == [*burst[:marked], *burst[marked + 1 :]]
    # Agents do not have it, so nothing after it is called delivered.
    told = [frame["id"] for frame in frames if frame["type"] == "delivered"]
    assert [one for one in told if one in sent] == sent[:marked]


def test_an_agents_action_goes_before_waiting_messages(rough: Stage) -> None:
    case = open_case(rough)
    rough.simulator.add_fault("flood", method="sendMessage", retry_after=3)
    busy = [rough.customer() for _ in range(3)]
    for number in range(10):
        for customer in busy:
            customer.send(f"line {number}")
    before = rough.simulator.last_call
    case.write("Ana", "/help")
    answer = case.told("/claim takes")
    for customer in busy:
        topic = rough.group.wait_for_topic(customer.codename)
        rough.group.wait_for_message(": line 9", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
    posts = rough.simulator.calls("sendMessage", after=before)
    posted = [call.message_id for call in posts if call.ok]
    # As many leave at the same moment.
    assert answer.message_id in posted[: settings.OUTBOX_SENDERS_PER_CHANNEL]


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
