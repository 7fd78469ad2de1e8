"""Each of a group's bots has a budget of its own, and none is overdrawn when one is lost."""

from collections import Counter
from collections.abc import Iterator

import pytest

from channels_telegram.tests.cases import TIMEOUT_SECONDS
from channels_telegram.tests.conftest import POINTS, WINDOW_SECONDS
from channels_telegram.tests.test_budget import lines_in
from telegram_simulator.seen import SeenTopic
from tests.conftest import Stage
from tests.customer import Customer

SECOND = 223456789
_IN_SCOPE = """
from channels_telegram import bots
from channels_telegram.channels import bot_rows
from tenants import configuration
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope

with tenant_scope(configuration.default_tenant_id()) as tenant:
    """


@pytest.fixture
def shared(rough: Stage) -> Iterator[Stage]:
    """The rough stage's group with a second bot; without it afterwards."""
    token = f"{SECOND}:AAtesttesttesttesttesttesttesttest"
    rough.simulator.seed(bots=[{"token": token, "username": "second_bot"}])
    rough.group.set_member(SECOND, "administrator")
    add = f"bots.add_bot(tenant=tenant, token={token!r}, actor=SYSTEM)"
    rough.product.manage("shell", "-c", _IN_SCOPE + add)
    rough.simulator.wait_for(lambda: is_known(rough), "the second bot is known", 60)
    yield rough
    rough.group.set_member(SECOND, "administrator")
    remove = (
        "row = bot_rows(tenant).order_by('-created_at').first(); "
        "bots.remove_bot(tenant=tenant, row_id=row.pk, actor=SYSTEM)"
    )
    rough.product.manage("shell", "-c", _IN_SCOPE + remove)


def test_two_bots_in_a_rush_keep_their_budgets_though_one_is_kicked(shared: Stage) -> None:
    simulator, group = shared.simulator, shared.group
    simulator.forgive()
    simulator.set_pacing(enabled=True, per_group=POINTS, group_window_seconds=float(WINDOW_SECONDS))
    before = simulator.last_call
    customers = [shared.customer() for _ in range(6)]
    lines = [f"line {number}" for number in range(12)]
    for line in lines[:6]:
        for customer in customers:
            customer.send(line)
    topics = [topic_of(shared, customer) for customer in customers]
    assert {topic.creator_id for topic in topics} == {group.bot_id, SECOND}
    group.set_member(SECOND, "kicked")
    for line in lines[6:]:
        for customer in customers:
            customer.send(line)
    for topic in topics:
        group.wait_for_message(f": {lines[-1]}", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
        # A lost bot's buttons are followed by new ones: a post of two lines.
        posted = [line for line in lines_in(shared, topic) if line.startswith("line ")]
        assert posted == lines, "none is lost or doubled, and in order"
    calls = [c for c in simulator.calls(after=before) if c.chat_id == group.chat_id]
    assert [call for call in calls if call.status == 429] == []
    for bot_id, made in Counter(call.bot_id for call in calls if call.ok).items():
        times = [call.at for call in calls if call.bot_id == bot_id and call.ok]
        took = times[-1] - times[0]
        assert took >= (made - POINTS) / POINTS * WINDOW_SECONDS, "a budget was not kept"


def is_known(stage: Stage) -> bool:
    """Whether the second bot has been looked at, and has its webhook."""
    looks = stage.simulator.calls("getChatMember")
    is_seen = any(call.bot_id == SECOND and call.ok for call in looks)
    return is_seen and bool(stage.simulator.webhook(SECOND).url)


def topic_of(stage: Stage, customer: Customer) -> SeenTopic:
    """The customer's topic, once it is there."""
    return stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
