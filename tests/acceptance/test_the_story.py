"""The one job of the product: a customer asks, an agent answers in Telegram."""

from tests.conftest import Stage


def test_a_customer_asks_and_an_agent_answers(stage: Stage) -> None:
    visitor = stage.customer(name="Mara", locale="en-GB")
    socket = visitor.socket()

    socket.say("Do you ship to Riga?")
    echo = socket.next()
    assert (echo["direction"], echo["text"], echo["seq"]) == ("INBOUND", "Do you ship to Riga?", 1)
    assert socket.next()["key"] == "waiting_for_agent"

    topic = stage.group.wait_for_topic(f"Mara — {visitor.codename}")
    controls = stage.group.wait_for_message(thread_id=topic.thread_id, button="Claim")
    posted = stage.group.wait_for_message("Mara: Do you ship to Riga?", topic.thread_id)
    assert controls.message_id < posted.message_id
    assert set(controls.buttons) == {"Claim", "Close"}

    press = stage.group.press("Ana", controls.message_id, "Claim")
    assert "claimed" in stage.group.wait_for_answer(press).text
    assert socket.next() == {"type": "agent_joined", "agent": "Support"}
    stage.group.wait_for_message("Ana has claimed", topic.thread_id)

    stage.group.write("Ana", "Yes, within two days.", topic.thread_id)
    reply = socket.next()
    assert (reply["direction"], reply["text"], reply["agent"], reply["seq"]) == (
        "OUTBOUND",
        "Yes, within two days.",
        "Support",
        2,
    )

    stage.group.write("Ana", "/close", topic.thread_id)
    farewell = socket.next()
    assert (farewell["direction"], farewell["seq"]) == ("OUTBOUND", 3)
    assert socket.next() == {"type": "conversation_closed"}
    stage.group.wait_until_topic(topic.thread_id, is_closed=True)

    history = visitor.history()
    assert history["status"] == "CLOSED"
    assert [message["seq"] for message in history["messages"]] == [1, 2, 3]
    assert history["closed_note"]
    assert stage.simulator.violations() == []
