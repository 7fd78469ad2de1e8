"""The deep health check: true when all is well, telling when not, and leaving nothing behind."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from channels_telegram import deep_health
from channels_telegram.channels import find_channel
from channels_telegram.outgoing import rate_limit, topic_delivery
from channels_telegram.tests.cases import open_case
from channels_telegram.topics import health_check_topics, topic_records
from outbox.errors import ChannelOnHold
from outbox.models import OutboxItem
from telegram_simulator.client import SimulatorClient
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage
from tests.operator import operator_of
from tests.waiting import wait_until

ALL_WELL = {
    "ok": True,
    "startOk": True,
    "topicOk": True,
    "welcomeOk": True,
    "wsTokenOk": True,
    "errors": [],
}
WITHOUT_TOPIC = ALL_WELL | {"ok": False, "topicOk": False}


def ask(stage: Stage) -> dict[str, Any]:
    """What the monitor reads."""
    found: dict[str, Any] = operator_of(stage).get("/v1/admin/health/deep")
    return found


def check(stage: Stage) -> dict[str, Any]:
    """The same as soon as the group is not busy, which tests before may have made it."""

    def look() -> dict[str, Any]:
        found = ask(stage)
        return {} if "busyUntil" in found else found

    return wait_until(look, "the group is not busy")


def thread_ids(stage: Stage) -> set[int]:
    """The topics of the group."""
    return {topic.thread_id for topic in stage.group.topics()}


@pytest.fixture
def nothing_stays(rough: Stage) -> Iterator[Stage]:
    """Afterwards the group, the conversations and the outbox are as they were."""
    simulator: SimulatorClient = rough.simulator
    operator = operator_of(rough)
    before = operator.get("/v1/conversations")
    topics = thread_ids(rough)
    yield rough
    simulator.clear_faults()
    # A test before this one may have left a topic to be deleted.
    wait_until(lambda: thread_ids(rough) <= topics, f"there are no topics but {topics}")
    assert operator.get("/v1/conversations") == before


def test_all_is_well(nothing_stays: Stage) -> None:
    def calls_of_a_check() -> list[str]:
        last = nothing_stays.simulator.last_call
        assert check(nothing_stays) == ALL_WELL
        return [call.method for call in nothing_stays.simulator.calls(after=last)]

    # A test before may have left room for one call: then the outbox deletes the topic.
    both = ["createForumTopic", "deleteForumTopic"]
    wait_until(lambda: calls_of_a_check() == both, "a check makes a topic and deletes it")


def test_the_welcome_is_tried_too(nothing_stays: Stage) -> None:
    operator = operator_of(nothing_stays)
    operator.post("/v1/admin/settings", welcome_message="Hello {customer_name}!")
    try:
        assert check(nothing_stays) == ALL_WELL
    finally:
        operator.post("/v1/admin/settings", welcome_message="")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"kind": "error", "status": 500}, "topic: "),
        ({"kind": "html"}, "topic: HTTP 502 without JSON"),
        ({"kind": "reset"}, "topic: the connection broke"),
        ({"kind": "timeout", "hold_seconds": 20}, "topic: no answer in time"),
        ({"kind": "error", "name": "no_right_create_topic"}, "topic: "),
    ],
)
def test_telegram_fails(nothing_stays: Stage, fault: dict[str, Any], told: str) -> None:
    nothing_stays.simulator.add_fault(method="createForumTopic", **fault)
    found = check(nothing_stays)
    assert found | {"errors": []} == WITHOUT_TOPIC
    [error] = found["errors"]
    assert error.startswith(told)
    assert "bot" not in error.replace("the bot", "")
    assert check(nothing_stays) == ALL_WELL


def test_a_topic_that_telegram_made_without_an_answer_is_deleted(nothing_stays: Stage) -> None:
    """Nobody but Telegram knows of it, which tells everybody in the group."""
    nothing_stays.simulator.add_fault(
        "timeout", method="createForumTopic", hold_seconds=20, after_effect=True
    )
    last = nothing_stays.simulator.last_call
    [error] = check(nothing_stays)["errors"]
    assert error.startswith("topic: no answer in time")
    nothing_stays.simulator.wait_for_call(
        "deleteForumTopic", after=last, status=200, timeout_seconds=40
    )


def removal_of(tenant: Tenant, thread_id: int) -> OutboxItem:
    """What is promised about a trial's topic."""
    with tenant_scope(tenant.pk):
        return OutboxItem.objects.get(kind="telegram.delete_topic", payload__thread_id=thread_id)


def test_a_check_that_is_killed_leaves_no_topic(
    stage: Stage, default_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between making the topic and deleting it: the effect is written by then."""

    class Killed(BaseException):
        """No handler sees it, as when a process ends."""

    def be_killed(*_: object, **__: object) -> None:
        raise Killed

    with tenant_scope(default_tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
    assert channel is not None
    monkeypatch.setattr(topic_delivery, "remove_topic", be_killed)
    last = stage.simulator.last_call
    with pytest.raises(Killed):
        deep_health._delete_topic(channel, uuid4(), 7_000_001)
    promised = removal_of(default_tenant, 7_000_001)
    assert promised.next_attempt_at > promised.created_at, "the check itself comes first"
    stage.simulator.wait_for_call("deleteForumTopic", after=last, timeout_seconds=40)


def test_what_the_check_has_removed_is_not_removed_again(
    stage: Stage, default_tenant: Tenant
) -> None:
    trial_id = uuid4()
    with tenant_scope(default_tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
        assert channel is not None
        topic = channel.topic(7_000_002)
        health_check_topics.enqueue_removal(tenant=tenant, trial_id=trial_id, topic=topic)
        health_check_topics.drop_removal(tenant=tenant, topic=topic)
        # Telegram tells of the topic when it is gone already.
        topic_records.recognise_topic(
            tenant=tenant, topic=topic, title=health_check_topics.title_of(trial_id), bot_id=1
        )
    assert removal_of(default_tenant, 7_000_002).status == OutboxItem.Status.DISCARDED


@pytest.mark.parametrize("title", ["Health check — Amber Otter", "Health check 3f2a", "Mara"])
def test_other_topics_are_none_of_its_own(title: str) -> None:
    assert health_check_topics.trial_in(title) is None
    assert health_check_topics.trial_in(f"Health check {'0' * 32} — Amber Otter") is None


def test_a_flood_wait_is_kept_for_everybody(rough: Stage) -> None:
    assert check(rough) == ALL_WELL
    rough.simulator.add_fault("flood", method="createForumTopic", retry_after=6)
    found = ask(rough)
    assert found | ALL_WELL == found, "busy is not broken"
    last = rough.simulator.last_call
    again = ask(rough)
    # The clock of the database says when; the first answer was made by ours.
    first, second = (datetime.fromisoformat(one.pop("busyUntil")) for one in (found, again))
    assert abs(first - second) < timedelta(seconds=1)
    assert again == ALL_WELL
    assert not rough.simulator.calls("createForumTopic", after=last)
    # A customer's message waits as well, and then goes out.
    assert open_case(rough).topic


def test_a_missing_right_to_delete_is_told(nothing_stays: Stage) -> None:
    rights = ["can_manage_topics", "can_pin_messages"]
    nothing_stays.group.set_bot_rights(rights)
    last = nothing_stays.simulator.last_call
    [error] = check(nothing_stays)["errors"]
    assert "may delete messages" in error
    nothing_stays.group.set_bot_rights([*rights, "can_delete_messages"])
    nothing_stays.simulator.wait_for_call(
        "deleteForumTopic", after=last, status=200, timeout_seconds=30
    )


def test_a_topic_that_cannot_be_deleted_now_is_deleted_later(nothing_stays: Stage) -> None:
    nothing_stays.simulator.add_fault("error", method="deleteForumTopic", status=500)
    last = nothing_stays.simulator.last_call
    found = check(nothing_stays)
    assert found | {"errors": []} == ALL_WELL | {"ok": False}
    [error] = found["errors"]
    assert error.startswith("tidying up: ")
    nothing_stays.simulator.wait_for_call(
        "deleteForumTopic", after=last, count=2, timeout_seconds=30
    )


def test_a_spent_budget_is_no_fault_and_is_not_waited_out(
    stage: Stage, default_tenant: Tenant, settings: Settings
) -> None:
    """Customers' messages have taken all of it: the check takes nothing and leaves nothing."""
    settings.TELEGRAM_GROUP_POINTS = 1
    with tenant_scope(default_tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
        assert channel is not None
    with suppress(ChannelOnHold):
        rate_limit.spend(channel)
    last = stage.simulator.last_call
    topics = len(stage.group.topics())
    found = deep_health.check(tenant_id=default_tenant.pk)
    assert (found.errors, found.topic_ok, found.start_ok) == ([], True, True)
    assert found.busy_until is not None
    assert not stage.simulator.calls("createForumTopic", after=last)
    assert len(stage.group.topics()) == topics


def test_a_bot_that_cannot_make_topics_is_a_fault_even_while_busy(nothing_stays: Stage) -> None:
    nothing_stays.group.set_member(nothing_stays.group.bot_id, "member")
    nothing_stays.simulator.wait_until_delivered(nothing_stays.group.bot_id)
    [error] = check(nothing_stays)["errors"]
    assert error.startswith("topic: The bot is a plain member: it cannot make topics")
    nothing_stays.group.add_bot()
    nothing_stays.simulator.wait_until_delivered(nothing_stays.group.bot_id)
    assert check(nothing_stays) == ALL_WELL
