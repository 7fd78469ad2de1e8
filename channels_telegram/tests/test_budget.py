"""The group's budget: spent by us before Telegram refuses."""

import uuid

import pytest
from django.conf import settings
from pytest_django import Settings

from channels_telegram.channels import find_channel
from channels_telegram.outgoing import rate_limit
from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from channels_telegram.tests.conftest import POINTS, WINDOW_SECONDS
from outbox.errors import ChannelOnHold
from telegram_simulator.seen import SeenTopic
from tenants.models import Tenant
from tenants.rate_windows import SlidingWindows, Window
from tenants.redis_client import redis_client
from tenants.scope import tenant_scope
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


@pytest.mark.parametrize("is_away", [False, True])
def test_the_second_half_of_a_budget_leaves_evenly(settings: Settings, is_away: bool) -> None:
    if is_away:
        settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    redis_client.cache_clear()
    windows = SlidingWindows("test")
    budget = Window(f"group {uuid.uuid4()}", 4, 40_000, even_from=2)
    assert [windows.take(budget) for _ in range(2)] == [None, None]
    refusal = windows.take(budget)
    assert refusal is not None
    assert 9_000 < refusal.milliseconds <= 10_000, "as many as are left, evenly until the end"
    at_once = Window(budget.name, 4, 40_000)
    assert [windows.take(at_once) for _ in range(2)] == [None, None]
    refusal = windows.take(budget)
    assert refusal is not None
    assert 39_000 < refusal.milliseconds <= 40_001, "what is spent stays spent"
    redis_client.cache_clear()


def test_what_ends_an_attempt_keeps_no_pace(
    stage: Stage, default_tenant: Tenant, settings: Settings
) -> None:
    """Such as opening a topic that was closed, without which its post is refused again."""
    with tenant_scope(default_tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
    assert channel is not None
    settings.TELEGRAM_GROUP_POINTS = 100_000
    for _ in range(2):
        rate_limit.spend(channel)
    settings.TELEGRAM_GROUP_POINTS = 2 * (rate_limit.spent(channel) or 0)
    with pytest.raises(ChannelOnHold):
        rate_limit.spend(channel)
    rate_limit.spend(channel, goes_on=True)
