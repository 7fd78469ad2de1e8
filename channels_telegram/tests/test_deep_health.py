"""The deep health check: true when all is well, telling when not, and leaving nothing behind."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_telegram.simulator.client import SimulatorClient
from channels_telegram.tests.cases import open_case
from tests.conftest import Stage
from tests.operator import operator_of

ALL_WELL = {
    "ok": True,
    "startOk": True,
    "topicOk": True,
    "welcomeOk": True,
    "wsTokenOk": True,
    "errors": [],
}
WITHOUT_TOPIC = ALL_WELL | {"ok": False, "topicOk": False}


def check(stage: Stage) -> dict[str, Any]:
    """What the monitor reads."""
    found: dict[str, Any] = operator_of(stage).get("/v1/admin/health/deep")
    return found


@pytest.fixture
def nothing_stays(rough: Stage) -> Iterator[Stage]:
    """Afterwards the group, the conversations and the outbox are as they were."""
    simulator: SimulatorClient = rough.simulator
    operator = operator_of(rough)
    before = operator.get("/v1/conversations")
    topics = [topic.thread_id for topic in rough.group.topics()]
    yield rough
    simulator.clear_faults()
    assert operator.get("/v1/conversations") == before
    assert [topic.thread_id for topic in rough.group.topics()] == topics


def test_all_is_well(nothing_stays: Stage) -> None:
    last = nothing_stays.simulator.last_call
    assert check(nothing_stays) == ALL_WELL
    calls = [call.method for call in nothing_stays.simulator.calls(after=last)]
    assert calls == ["createForumTopic", "deleteForumTopic"]


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


def test_a_flood_wait_is_kept_for_everybody(rough: Stage) -> None:
    rough.simulator.add_fault("flood", method="createForumTopic", retry_after=2)
    assert check(rough)["topicOk"] is False
    last = rough.simulator.last_call
    waiting = "topic: the group's calls wait for Telegram's permission."
    assert check(rough)["errors"] == [waiting]
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
