"""A whole conversation between yesterday's widget and an agent who works as ever."""

from channels_telegram import texts
from telegram_simulator.seen import SeenMessage
from tests.parity.old_agent import OldAgent, agent_for
from tests.parity.old_widget import Bubble, open_widget
from tests.stage import Stage


def claim(agent: OldAgent) -> SeenMessage:
    assert "claimed" in agent.presses("Claim").lower()
    return agent.reads("has claimed this conversation.")


def test_from_the_first_word_to_the_last_and_on_again(stage: Stage) -> None:
    with open_widget(stage.web, name="Mara Ozola") as widget:
        widget.say("  Do you ship to <b>Riga</b>? ")
        widget.hear_until(direction="INBOUND")
        widget.hear_until(type="info_note")
        assert len(widget.notes) == 1, "nobody has claimed: please wait"

        agent = agent_for(stage, widget.codename)
        assert agent.topic.name == f"Mara Ozola — {widget.codename}"
        agent.reads("", button="Claim")
        first = stage.group.messages(agent.thread_id)[0]
        assert first.buttons == {
            "Claim": f"claim:{widget.session['id']}",
            "Close": f"close:{widget.session['id']}",
        }
        agent.reads("Mara Ozola: Do you ship to <b>Riga</b>?")

        agent.writes("too early")
        agent.reads(texts.NOT_CLAIMED)
        claim(agent)
        assert widget.hear_until(type="agent_joined") == {
            "type": "agent_joined",
            "agent": "Support",
        }
        agent.writes("We do. Two days.")
        widget.hear_until(direction="OUTBOUND")
        widget.say("Thank you!")
        widget.hear_until(direction="INBOUND")
        assert widget.notes == widget.notes[:1], "claimed: nobody is asked to wait any more"

        agent.writes("/close")
        widget.hear_until(type="conversation_closed")
        farewell = widget.bubbles[-1]
        assert (farewell.side, farewell.agent) == ("agent", "Support")
        assert widget.bubbles == [
            Bubble("customer", "  Do you ship to <b>Riga</b>? "),
            Bubble("agent", "We do. Two days.", "Support"),
            Bubble("customer", "Thank you!"),
            farewell,
        ]
        agent.reads("Closed by Ana")

        # It knows nothing of closing: the same socket is still there, and writing opens again.
        widget.say("One more thing")
        widget.hear_until(direction="INBOUND")
        widget.hear_until(key="conversation_reopened")
        agent.reads("Mara Ozola: One more thing")
        unclaimed = agent.writes("not claimed again yet")
        # Telegram hands over several updates at once: a claim may arrive before what was written.
        agent.reads(texts.NOT_CLAIMED, after=unclaimed)
        claim(agent)
        widget.hear_until(type="agent_joined")
        agent.writes("Yes?")
        assert widget.hear_until(direction="OUTBOUND", text="Yes?")
        assert "too early" not in widget.lines()
        assert "not claimed again yet" not in widget.lines()

        seen = widget.lines()
        widget.reload()
        assert not widget.has_closed_line
        assert widget.lines() == [text.strip() for text in seen], "the next page shows the same"


def test_the_closed_line_after_a_reload(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        widget.say("Hello")
        agent = agent_for(stage, widget.codename)
        assert agent.topic.name == widget.codename
        agent.reads(f"{widget.codename}: Hello")
        agent.presses("Close")
        widget.hear_until(type="conversation_closed")
        closing_text = widget.bubbles[-1].text

        widget.reload()
        assert widget.has_closed_line, "its own line, because the status is exactly CLOSED"
        assert widget.lines() == ["Hello", closing_text]
        assert widget.hear() == {"ok": True}, "a closed conversation still connects"
        widget.say("Still there?")
        widget.hear_until(direction="INBOUND")
        widget.reload()
        assert not widget.has_closed_line


def test_nothing_but_words_makes_a_bubble(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        widget.say("Hello")
        widget.hear_until(direction="INBOUND")
        agent = agent_for(stage, widget.codename)
        claim(agent)
        for line in ("/note pays late", "/codename Brave Badger", "/help", "/nonsense", "/myid"):
            agent.writes(line)
        agent.writes("Hi")
        widget.hear_until(direction="OUTBOUND")
        sent = agent.writes("Edited soon")
        widget.hear_until(text="Edited soon")
        stage.group.edit(agent.who, sent.message_id, "Edited now")
        stage.simulator.wait_until_delivered(stage.group.bot_id)
        agent.writes("after the edit")
        widget.hear_until(text="after the edit")
        assert widget.lines() == ["Hello", "Hi", "Edited soon", "after the edit"]

        widget.reload()
        assert widget.lines() == ["Hello", "Hi", "Edited now", "after the edit"]


def test_what_only_telegram_can_show_is_told_to_the_agent(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        widget.say("Hello")
        agent = agent_for(stage, widget.codename)
        claim(agent)
        stage.group.write(agent.who, thread_id=agent.thread_id, kind="sticker")
        agent.reads(texts.KIND_CANNOT_BE_SHOWN)
        agent.writes("words")
        widget.hear_until(direction="OUTBOUND")
        assert widget.lines() == ["Hello", "words"]


def test_a_new_name_is_shown_to_the_agents(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        widget.say("Hello")
        agent = agent_for(stage, widget.codename)
        agent.reads(f"{widget.codename}: Hello")
        assert widget.patch("name", {"name": " Mara "}).json() == {
            "id": widget.session["id"],
            "customerName": "Mara",
        }
        stage.group.wait_for_topic(f"Mara — {widget.codename}", timeout_seconds=30)
        widget.say("It is me")
        agent.reads("Mara: It is me")
