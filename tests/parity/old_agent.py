"""An agent as before: somebody in the Telegram group who knows nothing but topics and commands."""

from dataclasses import dataclass

from telegram_simulator.seen import SeenMessage, SeenTopic
from tests.stage import Stage

TIMEOUT_SECONDS = 60


@dataclass
class OldAgent:
    """One person at one conversation's topic."""

    stage: Stage
    topic: SeenTopic
    who: str | int = "Ana"

    @property
    def thread_id(self) -> int:
        """The topic's thread."""
        return self.topic.thread_id

    def reads(self, text: str, button: str = "", after: SeenMessage | None = None) -> SeenMessage:
        """Wait until a post in the topic, after another if that matters, contains this."""
        return self.stage.group.wait_for_message(
            text,
            self.thread_id,
            after=after.message_id if after else 0,
            button=button,
            timeout_seconds=TIMEOUT_SECONDS,
        )

    def writes(self, text: str) -> SeenMessage:
        """Write in the topic."""
        return self.stage.group.write(self.who, text, self.thread_id)

    def presses(self, button: str) -> str:
        """Press a button of the controls; returns what the bot tells them."""
        controls = self.stage.group.wait_for_message(
            thread_id=self.thread_id, button=button, timeout_seconds=TIMEOUT_SECONDS
        )
        pressed = self.stage.group.press(self.who, controls.message_id, button)
        answered = self.stage.group.wait_for_answer(pressed, timeout_seconds=TIMEOUT_SECONDS)
        return answered.text


def agent_for(stage: Stage, codename: str) -> OldAgent:
    """The agent looks at the topic of this conversation, once it is there."""
    topic = stage.group.wait_for_topic(codename, timeout_seconds=TIMEOUT_SECONDS)
    return OldAgent(stage, topic)
