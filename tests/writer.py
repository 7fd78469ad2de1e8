"""A customer who writes through all trouble, and what has to be there afterwards."""

import threading
import time
from dataclasses import dataclass, field

import requests

from telegram_simulator.client_http import SimulatorTimeout
from tests.customer import Customer
from tests.frail import TIMEOUT_SECONDS
from tests.stage import Stage


@dataclass
class Writer:
    """A customer who keeps writing by HTTP, repeating what was not confirmed."""

    customer: Customer
    web: str
    confirmed: list[str] = field(default_factory=list)
    refusals: int = 0
    _enough: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Writer":
        self._thread = threading.Thread(target=self._write)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._enough.set()
        assert self._thread is not None
        self._thread.join()

    def _write(self) -> None:
        number = 0
        while not self._enough.is_set():
            number += 1
            self._send(f"line {number}")

    def _send(self, text: str) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            answer = requests.post(
                self.customer.url("messages", self.web),
                json={"text": text, "client_id": text},
                headers=self.customer.headers,
                timeout=30,
            )
            if answer.status_code == 200:
                self.confirmed.append(text)
                return
            assert answer.status_code == 503, answer.text
            assert answer.json()["error"]["code"] == "unavailable"
            self.refusals += 1
            self._enough.wait(0.05)
        raise AssertionError(f"{text!r} was never accepted")

    def wait_for(self, count: int) -> None:
        """Until so many more lines are confirmed."""
        goal = len(self.confirmed) + count
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while len(self.confirmed) < goal:
            assert time.monotonic() < deadline, f"stuck at {len(self.confirmed)} lines"
            self._enough.wait(0.01)


def lines_in_topic(stage: Stage, customer: Customer) -> list[str]:
    """What the agents see of the customer's lines, in order."""
    topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    texts = stage.group.texts(topic.thread_id)
    prefix = f"{customer.codename}: "
    return [text.removeprefix(prefix) for text in texts if text.startswith(prefix)]


def assert_all_arrived(stage: Stage, writer: Writer) -> None:
    """History and topic hold every confirmed line, in order."""
    customer = writer.customer
    inbound = [m for m in customer.history()["messages"] if m["direction"] == "INBOUND"]
    assert [message["text"] for message in inbound] == writer.confirmed
    try:
        topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
        stage.group.wait_for_message(
            f": {writer.confirmed[-1]}", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS
        )
    except SimulatorTimeout as error:
        state = "runs" if stage.worker.is_running else "has ended"
        error.add_note(f"The worker {state}:\n{''.join(stage.worker.log[-80:])}")
        raise
    seen = lines_in_topic(stage, customer)
    assert list(dict.fromkeys(seen)) == writer.confirmed, "lost or out of order"
