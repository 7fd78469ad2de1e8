"""What happens when parts die: things get slower, nothing is lost, order is kept."""

from collections.abc import Iterator

import pytest
import requests

from telegram_simulator.client import SimulatorClient
from tests.frail import TIMEOUT_SECONDS, Frail, frail_stage
from tests.waiting import wait_until
from tests.writer import Writer, assert_all_arrived, lines_in_topic

pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frail]:
    with frail_stage(tmp_path_factory.mktemp("frail")) as opened:
        yield opened


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
    wait_until(
        lambda: [call for call in stage.simulator.calls("sendMessage", after=mark) if call.fault],
        "the slow call has begun",
        describe=stage.worker.last_lines,
    )
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
