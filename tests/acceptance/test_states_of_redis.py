"""Redis in every state that it can be in, for a while, under the real processes.

Meanwhile sends succeed and reach Telegram; afterwards timers run again, and the broker's list is
short.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import redis
import requests

from devtools.redis import EmbeddedRedis
from tests.answers import assert_refused
from tests.frail import TIMEOUT_SECONDS, Frail, frail_stage
from tests.keyed_browser import KeyedBrowser
from tests.processes import free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("states of redis")
REMINDER_MS = 1_000
SHORT_LIST = 5

State = Callable[[EmbeddedRedis], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frail]:
    folder = tmp_path_factory.mktemp("redis-states")
    with frail_stage(
        folder, UNCLAIMED_REMINDER_1_MS=str(REMINDER_MS), UNCLAIMED_REMINDER_2_MS="0"
    ) as opened:
        yield opened


def client_of(server: EmbeddedRedis) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(server.socket_path), socket_timeout=10)


def configured(**settings: str | int) -> State:
    """These settings for a while, then the former ones."""

    @contextmanager
    def state(server: EmbeddedRedis) -> Iterator[None]:
        with client_of(server) as client:
            names = {name: name.replace("_", "-") for name in settings}
            former = {name: client.config_get(name)[name] for name in names.values()}
            for name, value in settings.items():
                client.config_set(names[name], value)
            try:
                yield
            finally:
                for name, value in former.items():
                    client.config_set(name, value)

    return state


@contextmanager
def replica(server: EmbeddedRedis) -> Iterator[None]:
    """What a failover makes of the former primary."""
    with client_of(server) as client:
        client.replicaof("127.0.0.1", free_port())
        try:
            yield
        finally:
            client.replicaof("NO", "ONE")


@contextmanager
def replica_without_data(server: EmbeddedRedis) -> Iterator[None]:
    with configured(replica_serve_stale_data="no")(server), replica(server):
        yield


@contextmanager
def failed_snapshot(server: EmbeddedRedis) -> Iterator[None]:
    """The disk refuses the snapshot, and Redis therefore every write."""
    folder = server.directory / "gone"
    folder.mkdir()
    settings = {"dir": str(folder), "save": "3600 1", "stop_writes_on_bgsave_error": "yes"}
    with configured(**settings)(server), client_of(server) as client:
        folder.rmdir()
        client.bgsave()
        wait_until(
            lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err",
            "the snapshot fails",
        )
        try:
            yield
        finally:
            client.config_set("stop-writes-on-bgsave-error", "no")


@contextmanager
def without_permission(server: EmbeddedRedis) -> Iterator[None]:
    with client_of(server) as client:
        client.execute_command("ACL", "SETUSER", "operator", "on", "nopass", "+@all", "~*", "&*")
        client.execute_command("AUTH", "operator", "any")
        client.execute_command("ACL", "SETUSER", "default", "-@write")
        try:
            yield
        finally:
            client.execute_command("ACL", "SETUSER", "default", "+@all")


@contextmanager
def another_password(server: EmbeddedRedis) -> Iterator[None]:
    """As after a restart with a password that the processes do not have."""
    with client_of(server) as client:
        client.config_set("requirepass", "changed")
        client.execute_command("AUTH", "changed")
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try:
            yield
        finally:
            client.config_set("requirepass", "")


@contextmanager
def flushed(server: EmbeddedRedis) -> Iterator[None]:
    with client_of(server) as client:
        client.flushall()
        try:
            yield
        finally:
            client.flushall()


@contextmanager
def connections_cut(server: EmbeddedRedis) -> Iterator[None]:
    with client_of(server) as client:
        for kind in ("normal", "pubsub"):
            client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
        yield


@contextmanager
def frozen(server: EmbeddedRedis) -> Iterator[None]:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def paused(server: EmbeddedRedis) -> Iterator[None]:
    with client_of(server) as client:
        client.execute_command("CLIENT", "PAUSE", "600000", "WRITE")
        try:
            yield
        finally:
            client.execute_command("CLIENT", "UNPAUSE")


@contextmanager
def gone(server: EmbeddedRedis) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


STATES: dict[str, State] = {
    "a read-only replica": replica,
    "a replica without data": replica_without_data,
    "out of memory": configured(maxmemory=1, maxmemory_policy="noeviction"),
    "too few replicas": configured(min_replicas_to_write=1),
    "failed snapshot": failed_snapshot,
    "no permission": without_permission,
    "another password": another_password,
    "paused": paused,
    "frozen": frozen,
    "gone": gone,
    "connections cut": connections_cut,
    "flushed": flushed,
}
# In these every write is still taken.
HARMLESS = frozenset({"connections cut", "flushed"})
# In these the consumer's connection ends or is refused, so that it has to be made anew.
WORKER_NOTICES = frozenset(
    {"a read-only replica", "a replica without data", "too few replicas", "failed snapshot"}
    | {"no permission", "another password", "gone"}
)
# A state lasts until beat has met it so many times.
FAILED_SENDS = 3


def readiness(web: str) -> tuple[int, list[str]]:
    answer = requests.get(f"{web}/ready", timeout=30)
    return answer.status_code, answer.json().get("missing", [])


@pytest.mark.parametrize("name", STATES)
def test_sends_arrive_meanwhile_and_timers_run_afterwards(frail: Frail, name: str) -> None:
    stage, server = frail.stage, frail.redis
    wait_until(lambda: readiness(stage.web) == (200, []), "ready before")
    customer = stage.customer()
    socket = customer.socket(web=stage.second_web)
    with STATES[name](server):
        if name not in HARMLESS:
            assert readiness(stage.web) == (503, ["redis", "broker"])
        for number in range(3):
            customer.send(f"during {number}")
        topic = stage.group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
        stage.group.wait_for_message(": during 2", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
        if name not in HARMLESS:
            stage.beat.skip_log()
            for _ in range(FAILED_SENDS):
                stage.beat.wait_for_log("task_not_sent", timeout_seconds=TIMEOUT_SECONDS)
        if name in WORKER_NOTICES:
            stage.worker.wait_for_log("broker_away", timeout_seconds=TIMEOUT_SECONDS)
    wait_until(lambda: readiness(stage.web) == (200, []), "ready afterwards")

    assert stage.worker.is_running
    assert stage.beat.is_running
    later = stage.customer()
    later.send("afterwards")
    topic = stage.group.wait_for_topic(later.codename, timeout_seconds=TIMEOUT_SECONDS)
    stage.group.wait_for_message("waiting", topic.thread_id, timeout_seconds=TIMEOUT_SECONDS)
    customer.send("to both")
    texts = [socket.next_where(direction="INBOUND")["text"] for _ in range(4)]
    assert texts == ["during 0", "during 1", "during 2", "to both"]
    with client_of(server) as client:
        lists = [key for key in client.keys("*celery*") if client.type(key) == b"list"]
        wait_until(
            lambda: sum(client.llen(key) for key in lists) <= SHORT_LIST, "the list is short"
        )


@pytest.mark.parametrize("name", ["gone", "flushed"])
def test_a_browser_comes_back_and_an_answer_stays_good_once(frail: Frail, name: str) -> None:
    browser = KeyedBrowser(frail.stage.web, tenant="default").start()
    used, unused = browser.challenge(), browser.challenge()
    assert browser.answer(used).status_code == 200
    with STATES[name](frail.redis):
        assert browser.answer(unused).status_code == 200
        for replayed in (used, unused):
            assert_refused(browser.answer(replayed), 401, "challenge_invalid")
        assert browser.come_back().customer().send("Still here")["seq"] == 1
    for replayed in (used, unused):
        assert_refused(browser.answer(replayed), 401, "challenge_invalid")
    browser.come_back()
