"""A process that does not do its work although it could ends with an error."""

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis

from devtools.redis import EmbeddedRedis
from tests.conftest import Stage
from tests.processes import Process, free_port

TIMEOUT_SECONDS = 120
LIMIT_SECONDS = 8
ENDED = 70

# Each lets one part of a process hang, as a fault of a library or ours would.
HUNG_CONSUMER = """
from celery.signals import worker_ready
@worker_ready.connect(weak=False)
def hang(sender, **_): sender.hub.call_soon(threading.Event().wait)
"""
HUNG_OUTBOX = """
from celery.signals import worker_ready
from outbox import dispatcher
@worker_ready.connect(weak=False)
def hang(**_): dispatcher.process_drain().run = threading.Event().wait
"""
DEAF_CONSUMER = """
from celery.signals import worker_ready
from celery import current_app
@worker_ready.connect(weak=False)
def hang(sender, **_):
    sender.task_consumer.cancel()
    current_app.send_task("outbox.tasks.drain")
"""
HUNG_SCHEDULE = """
from chatorical.worker.broker import Scheduler
Scheduler.apply_async = lambda *_, **__: threading.Event().wait()
"""
ASKED_TO_END_AS_IT_SENDS = """
import signal
from kombu.transport.redis import Channel
put = Channel._put
def put_and_end(*words, **options):
    os.kill(os.getpid(), signal.SIGTERM)
    return put(*words, **options)
Channel._put = put_and_end
"""
HUNG_LOOP = """
import chatorical.web.health
def hang(request): threading.Event().wait()
chatorical.web.health.health = hang
"""
WORKER = ["worker", "-P", "threads", "-c", "2", "--without-mingle", "--without-gossip"]
CELERY = "from chatorical.worker.__main__ import main; main(sys.argv[1:])"
UVICORN = "import uvicorn; sys.exit(uvicorn.main())"


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """So that no other worker takes the tasks."""
    with EmbeddedRedis(tmp_path_factory.mktemp("standing-still"), keep=False) as redis:
        yield redis


def process(
    stage: Stage, redis: EmbeddedRedis, fault: str, main: str, arguments: list[str], **more: str
) -> Process:
    prologue = (
        "import os, sys, threading\n"
        "import django\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'chatorical.settings')\n"
        "django.setup()\n"
        "import chatorical.celery\n"
    )
    return Process(
        [sys.executable, "-c", f"{prologue}{fault}\n{main}", *arguments],
        {
            **stage.product.environment,
            "REDIS_URL": redis.url,
            "WATCHDOG_SEC": str(LIMIT_SECONDS),
            "LOG_LEVEL": "INFO",
            **more,
        },
        "",
    )


def beat_arguments(folder: Path) -> list[str]:
    return ["beat", "--schedule", str(folder / "schedule"), "--pidfile", ""]


@pytest.mark.parametrize(
    ("fault", "activity"),
    [
        (HUNG_CONSUMER, "broker connection"),
        (HUNG_OUTBOX, "outbox"),
        (DEAF_CONSUMER, "task queue"),
    ],
    ids=["hung consumer", "hung outbox", "deaf consumer"],
)
def test_a_worker_that_stands_still_ends(
    stage: Stage, own_redis: EmbeddedRedis, fault: str, activity: str
) -> None:
    worker = process(stage, own_redis, fault, CELERY, WORKER)
    worker.start_without_waiting()
    line = worker.wait_for_log("work_stands_still", timeout_seconds=TIMEOUT_SECONDS)
    assert f'"activity": "{activity}"' in line
    assert worker.wait() == ENDED


def test_a_beat_that_sends_nothing_ends(
    stage: Stage, own_redis: EmbeddedRedis, tmp_path: Path
) -> None:
    beat = process(stage, own_redis, HUNG_SCHEDULE, CELERY, beat_arguments(tmp_path))
    beat.start_without_waiting()
    assert '"activity": "schedule"' in beat.wait_for_log(
        "work_stands_still", timeout_seconds=TIMEOUT_SECONDS
    )
    assert beat.wait() == ENDED


def test_a_beat_that_is_asked_to_end_as_it_sends_has_sent_when_it_ends(
    stage: Stage, tmp_path: Path
) -> None:
    with EmbeddedRedis(tmp_path / "redis", keep=False) as redis:
        arguments = beat_arguments(tmp_path)
        beat = process(stage, redis, ASKED_TO_END_AS_IT_SENDS, CELERY, arguments)
        beat.start_without_waiting()
        assert beat.wait() == 0, "".join(beat.log[-60:])
        with Redis.from_url(redis.url) as client:
            kinds = [client.type(key) for key in client.scan_iter()]
    assert b"list" in kinds, "the task waits in its queue"


def test_a_web_process_whose_loop_hangs_ends(stage: Stage, own_redis: EmbeddedRedis) -> None:
    port = free_port()
    arguments = ["chatorical.asgi:application", "--port", str(port)]
    web = process(stage, own_redis, HUNG_LOOP, UVICORN, arguments)
    web.start_without_waiting()
    web.wait_for_log("Uvicorn running on", timeout_seconds=TIMEOUT_SECONDS)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/health", timeout=TIMEOUT_SECONDS)
    assert '"activity": "event loop"' in web.wait_for_log("work_stands_still")
    assert web.wait() == ENDED


def test_a_worker_without_redis_waits_and_ends_when_asked(stage: Stage, tmp_path: Path) -> None:
    dead = EmbeddedRedis(tmp_path / "never-started")
    worker = process(stage, dead, "", CELERY, WORKER)
    worker.start_without_waiting()
    worker.wait_for_log("broker_away", timeout_seconds=TIMEOUT_SECONDS)
    assert worker.is_running
    assert worker.stop() == 0


@pytest.mark.parametrize("kind", ["web", "worker", "beat"])
def test_systemd_hears_that_a_process_lives(
    stage: Stage, own_redis: EmbeddedRedis, tmp_path: Path, kind: str
) -> None:
    main, arguments = {
        "web": (UVICORN, ["chatorical.asgi:application", "--port", str(free_port())]),
        "worker": (CELERY, WORKER),
        "beat": (CELERY, beat_arguments(tmp_path)),
    }[kind]
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(TIMEOUT_SECONDS)
        watched = process(stage, own_redis, "", main, arguments, NOTIFY_SOCKET=address)
        watched.start_without_waiting()
        assert systemd.recv(64) == b"READY=1"
        assert [systemd.recv(64) for _ in range(2)] == [b"WATCHDOG=1"] * 2
        # uvicorn ends by the signal itself, once it has stopped in good order.
        assert watched.stop() in {0, -signal.SIGTERM}, "".join(watched.log[-60:])
