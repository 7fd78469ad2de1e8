"""One conversation, seen from both sides."""

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

from telegram_simulator.seen import SeenMessage, SeenPress, SeenTopic
from tests.conftest import Stage
from tests.customer import Customer, Socket

TIMEOUT_SECONDS = 60
_user_ids = count(8001)


@dataclass
class Case:
    """A customer who has written, and the topic that their conversation has."""

    stage: Stage
    customer: Customer
    topic: SeenTopic
    first_line: str

    @property
    def thread_id(self) -> int:
        """The topic's thread."""
        return self.topic.thread_id

    @property
    def label(self) -> str:
        """How the customer's lines are signed."""
        return f"{self.topic.name.split(' — ')[0]}: "

    @cached_property
    def controls(self) -> SeenMessage:
        """The bot's post with the buttons."""
        return self.stage.group.wait_for_message(thread_id=self.thread_id, button="Claim")

    def write(self, who: str | int, text: str = "", **more: Any) -> SeenMessage:
        """An agent writes in the topic."""
        return self.stage.group.write(who, text, self.thread_id, **more)

    def press(self, who: str | int, message: SeenMessage, button: str = "", data: str = "") -> str:
        """An agent presses; returns what the bot tells them."""
        pressed = self.stage.group.press(who, message.message_id, button, data=data)
        return self.answer(pressed)

    def answer(self, pressed: SeenPress) -> str:
        """What the bot tells whoever pressed."""
        return self.stage.group.wait_for_answer(pressed, timeout_seconds=TIMEOUT_SECONDS).text

    def claim(self, who: str | int = "Ana") -> None:
        """An agent takes the conversation on."""
        assert "claimed" in self.press(who, self.controls, "Claim")
        self.told("has claimed this conversation.")

    def told(self, text: str, **more: Any) -> SeenMessage:
        """Wait until the bot or the customer has said this in the topic."""
        more.setdefault("timeout_seconds", TIMEOUT_SECONDS)
        return self.stage.group.wait_for_message(text, self.thread_id, **more)

    def texts(self) -> list[str]:
        """Everything in the topic, oldest first."""
        return self.stage.group.texts(self.thread_id)

    def customer_lines(self) -> list[str]:
        """What the agents see of the customer's lines, in order; some may share a post."""
        posts = [text for text in self.texts() if text.startswith(self.label)]
        by_post = [post.removeprefix(self.label).split(f"\n{self.label}") for post in posts]
        return [line for lines in by_post for line in lines]

    def history(self) -> list[str]:
        """What the customer reads after a reload."""
        return [message["text"] for message in self.customer.history()["messages"]]

    @property
    def status(self) -> str:
        """Where the conversation stands."""
        status: str = self.customer.history()["status"]
        return status

    def settled(self) -> None:
        """Wait until every update so far has acted."""
        self.stage.simulator.wait_until_delivered(self.stage.group.bot_id)

    def wait_for_status(self, status: str) -> None:
        """The updates so far have acted, and led to this."""
        self.settled()
        assert self.status == status


def open_case(stage: Stage, line: str = "Do you ship to Riga?", *, name: str | None = None) -> Case:
    """A customer who has written their first line, which the agents see."""
    customer = stage.customer(name=name) if name else stage.customer()
    customer.send(line)
    topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    case = Case(stage, customer, topic, line)
    case.told(f": {line[:60]}")
    return case


def frames_until(socket: Socket, marker: str, case: Case) -> list[dict[str, Any]]:
    """What the socket has shown up to the echo of a line that the customer says now."""
    socket.say(marker)
    frames = []
    while True:
        frame = socket.next(timeout_seconds=TIMEOUT_SECONDS)
        frames.append(frame)
        if frame.get("text") == marker and frame.get("direction") == "INBOUND":
            case.told(f": {marker}")
            return frames


def new_agent(
    stage: Stage, first_name: str, *, username: str = "", standing: str = "administrator"
) -> int:
    """Somebody whom no other test knows joins the group; returns their user id."""
    user_id = next(_user_ids)
    person = {"id": user_id, "first_name": first_name}
    stage.simulator.seed(
        users=[{**person, "username": username} if username else person],
        groups=[
            {
                "id": stage.group.chat_id,
                "title": "Support",
                "members": [{"user_id": user_id, "standing": standing}],
            }
        ],
    )
    return user_id
