"""Telegram's report of a topic that our bot has made, when the answer to the call is lost."""

from tests.conftest import Stage


def test_a_topic_whose_answer_was_lost_is_recognised_and_not_made_again(rough: Stage) -> None:
    rough.simulator.add_fault("timeout", method="createForumTopic", after_effect=True, times=1)
    customer = rough.customer()
    customer.send("Is anybody there?")
    topic = rough.group.wait_for_topic(customer.codename)

    # The agent sees it at once, and does not wait for our worker to hear of it.
    socket = customer.socket()
    rough.group.write("Ana", "/claim", topic.thread_id)
    assert socket.next()["type"] == "agent_joined"
    rough.group.wait_for_message(": Is anybody there?", topic.thread_id)
    assert [t.name for t in rough.group.topics() if customer.codename in t.name] == [topic.name]


def test_a_customer_renamed_while_the_topic_was_made_shows_the_new_name(stage: Stage) -> None:
    stage.simulator.add_fault("slow", method="createForumTopic", delay_ms=700, times=1)
    customer = stage.customer()
    customer.send("hello")
    customer.rename("Mara")
    topic = stage.group.wait_for_topic(customer.codename)
    stage.group.wait_until_topic(topic.thread_id, name=f"Mara — {customer.codename}")
