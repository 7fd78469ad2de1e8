"""What happens when parts die: things get slower, nothing is lost, order is kept."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests

from channels_telegram.simulator.client import SimulatorClient
from tests.conftest import Stage
from tests.customer import Customer
from tests.frail import TIMEOUT_SECONDS, Frail, frail_stage

pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frail]:
    with frail_stage(tmp_path_factory.mktemp("frail")) as opened:
        yield opened


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
    topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
    stage.group.wait_for_message(
        f": {writer.confirmed[-1]}", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS
    )
    seen = lines_in_topic(stage, customer)
    assert list(dict.fromkeys(seen)) == writer.confirmed, "lost or out of order"


def test_a_worker_killed_between_send_and_record_repeats_and_loses_nothing(frail: Frail) -> None:
    stage = frail.stage
    customer = stage.customer()
    customer.send("first")
    topic = stage.group.wait_for_topic(customer.codename)
    stage.group.wait_for_message(": first", topic.thread_id)

    # The message is posted at once, its answer comes later than the worker lives.
    stage.simulator.add_fault("timeout", method="sendMessage", after_effect=True, times=1)
    customer.send("second")
    stage.group.wait_for_message(": second", topic.thread_id)
    customer.send("third")
    stage.worker.kill()
    stage.worker.start()

    stage.group.wait_for_message(": third", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
    seen = lines_in_topic(stage, customer)
    assert list(dict.fromkeys(seen)) == ["first", "second", "third"]
    assert seen.count("first") == seen.count("third") == 1


def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_begun(frail: Frail) -> None:
    stage = frail.stage
    customer = stage.customer()
    customer.send("hello")
    topic = stage.group.wait_for_topic(customer.codename)
    stage.group.wait_for_message(": hello", topic.thread_id)

    mark = stage.simulator.last_call
    stage.simulator.add_fault("slow", method="sendMessage", delay_ms=1500, times=1)
    customer.send("slow one")
    # Begun: the call is under way, its answer 1.5 s away.
    while not [call for call in stage.simulator.calls("sendMessage", after=mark) if call.fault]:
        assert stage.worker.pid
    stage.worker.stop()
    customer.send("afterwards")
    stage.worker.start()

    stage.group.wait_for_message(": afterwards", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
    assert lines_in_topic(stage, customer) == ["hello", "slow one", "afterwards"]


def test_redis_restarted_under_load_loses_nothing(frail: Frail) -> None:
    stage = frail.stage
    customer = stage.customer()
    far_socket = customer.socket(web=stage.second_web)
    with Writer(customer, stage.web) as writer:
        writer.wait_for(20)
        frail.redis.kill()
        writer.wait_for(20)
        ready = requests.get(f"{stage.web}/ready", timeout=30)
        assert ready.status_code == 503
        assert "redis" in ready.json()["missing"]
        frail.redis.start()
        writer.wait_for(20)
    assert writer.refusals == 0, "sends do not need Redis"
    assert_all_arrived(stage, writer)

    shown = [far_socket.next_where(direction="INBOUND") for _ in writer.confirmed]
    assert [frame["text"] for frame in shown] == writer.confirmed


def test_postgres_restarted_under_load_loses_nothing(frail: Frail) -> None:
    stage = frail.stage
    customer = stage.customer()
    socket = customer.socket()
    with Writer(customer, stage.web) as writer:
        writer.wait_for(20)
        frail.postgres.kill()
        frail.postgres.start()
        writer.wait_for(20)
        frail.postgres.restart()
        writer.wait_for(20)
    assert_all_arrived(stage, writer)
    shown = [socket.next_where(direction="INBOUND") for _ in writer.confirmed]
    assert [frame["text"] for frame in shown] == writer.confirmed


def test_a_webhook_that_meets_a_dead_database_is_refused_so_that_telegram_repeats(
    frail: Frail,
) -> None:
    stage = frail.stage
    customer = stage.customer()
    socket = customer.socket()
    customer.send("anybody there?")
    topic = stage.group.wait_for_topic(customer.codename)
    stage.group.write("Ana", "/claim", topic.thread_id)
    # Earlier tests have killed the database too: Telegram may still be waiting to repeat.
    stage.simulator.retry_now()
    socket.next_where(type="agent_joined")

    frail.postgres.kill()
    stage.group.write("Ana", "I am here", topic.thread_id)
    answer = requests.post(stage.webhook_url, json={"update_id": 1}, timeout=30)
    assert answer.status_code == 503
    frail.postgres.start()
    stage.simulator.retry_now()

    assert socket.next_where(direction="OUTBOUND")["text"] == "I am here"


def test_sockets_of_a_killed_web_process_find_everything_at_another(frail: Frail) -> None:
    stage = frail.stage
    doomed, address = stage.product.web()
    customer = stage.customer()
    socket = customer.socket(web=address)
    socket.say("one")
    assert socket.next_where(direction="INBOUND")["seq"] == 1
    doomed.kill()
    customer.send("two", web=stage.second_web)

    again = customer.socket(web=stage.second_web)
    texts = [message["text"] for message in customer.history(after=1)["messages"]]
    assert texts == ["two"]
    again.say("three")
    assert again.next_where(direction="INBOUND")["text"] == "three"


def test_simulated_telegram_was_always_asked_correctly(frail: Frail) -> None:
    simulator: SimulatorClient = frail.stage.simulator
    assert simulator.violations() == []
