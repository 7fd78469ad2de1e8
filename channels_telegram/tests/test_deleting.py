"""Topics of deleted conversations, when Telegram does not make it easy."""

from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from tests.conftest import Stage
from tests.operator import operator_of

DELETE = "/v1/admin/conversations/bulk-delete"


def test_a_topic_that_is_only_being_made_goes_too(rough: Stage) -> None:
    simulator = rough.simulator
    # Telegram has made it, we have not heard of it yet, by either way.
    simulator.set_delivery(held_kinds=["message"])
    simulator.add_fault("slow", method="createForumTopic", after_effect=True, delay_ms=2000)
    visitor = rough.customer()
    visitor.send("hello")
    topic = rough.group.wait_for_topic(visitor.codename, timeout_seconds=TIMEOUT_SECONDS)
    deleted = operator_of(rough).post(DELETE, ids=[visitor.conversation_id])
    assert deleted == {"deleted": 1}
    simulator.wait_for_call(
        "deleteForumTopic", thread_id=topic.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
    assert rough.group.topic(topic.thread_id) is None


def test_without_the_right_the_topic_waits_for_a_person(
    rough: Stage,
) -> None:
    case = open_case(rough)
    rights = ["can_manage_topics", "can_pin_messages"]
    rough.group.set_bot_rights(rights)
    operator_of(rough).post(DELETE, ids=[case.customer.conversation_id])
    line = rough.worker.wait_for_log("delivery_failed")
    assert "not enough rights to delete the topic" in line
    # Others' messages go on.
    assert open_case(rough).topic
    rough.group.set_bot_rights([*rights, "can_delete_messages"])
    rough.simulator.wait_for_call(
        "deleteForumTopic", thread_id=case.thread_id, status=200, timeout_seconds=TIMEOUT_SECONDS
    )


def test_somebody_else_has_deleted_the_topic(rough: Stage) -> None:
    case = open_case(rough)
    rough.group.delete_topic("Ana", case.thread_id)
    operator_of(rough).post(DELETE, ids=[case.customer.conversation_id])
    rough.simulator.wait_for_call(
        "deleteForumTopic", thread_id=case.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
    assert open_case(rough).topic
