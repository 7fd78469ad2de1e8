"""Days on which the machine below a process is short of something, or wrong about the time."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
import requests
from websockets.exceptions import WebSocketException

from channels_telegram.tests.cases import Case, open_case
from telegram_simulator.client import SimulatorClient, running_simulator
from tests.customer import Customer, Socket
from tests.debian import find_or_install
from tests.frail import TIMEOUT_SECONDS
from tests.processes import Process, Product, free_port
from tests.stage import BOT_TOKEN, CHAT_ID, Stage, stage_environment
from tests.template_database import migrated_database

_LIBRARY = Path("/usr/lib") / f"{os.uname().machine}-linux-gnu" / "faketime/libfaketime.so.1"


@contextmanager
def few_files(process: Process, spare: int) -> Iterator[None]:
    """The process may have only so many more files open than it has now."""
    seen = psutil.Process(process.pid)
    before = seen.rlimit(psutil.RLIMIT_NOFILE)
    seen.rlimit(psutil.RLIMIT_NOFILE, (seen.num_fds() + spare, before[1]))
    try:
        yield
    finally:
        seen.rlimit(psutil.RLIMIT_NOFILE, before)


def open_until_refused(visitor: Customer, web: str, most: int) -> list[Socket]:
    opened: list[Socket] = []
    for _ in range(most):
        try:
            opened.append(visitor.socket(web=web))
        except (OSError, WebSocketException):
            break
    return opened


def test_a_web_process_out_of_files_serves_whom_it_has_and_then_everybody(stage: Stage) -> None:
    process, web = stage.product.web()
    try:
        visitor = stage.customer()
        served = visitor.socket(web=web)
        served.say("before")
        assert served.next_where(direction="INBOUND")["text"] == "before"
        with few_files(process, 4):
            others = open_until_refused(stage.customer(), web, 10)
            assert len(others) < 10
            process.wait_for_log("files_near_limit", timeout_seconds=TIMEOUT_SECONDS)
            served.say("meanwhile")
            assert served.next_where(direction="INBOUND")["text"] == "meanwhile"
        for other in others:
            other.close()
        assert process.is_running
        assert requests.get(f"{web}/ready", timeout=30).status_code == 200
        visitor.socket(web=web).close()
    finally:
        process.stop()


class Clock:
    """That of the product's machine; the database's and Telegram's are right."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Be so far ahead of the truth from now on."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        """For the processes that go by it."""
        return {
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # Clocks that are set do not touch what is waited for.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    find_or_install("faketime", "faketime")
    return Clock(tmp_path / "clock")


@contextmanager
def stage_by(
    clock: Clock, simulator: SimulatorClient, addresses: dict[str, str], folder: Path
) -> Iterator[Stage]:
    """One process of each kind, all by this clock."""
    port = free_port()
    environment = {
        **stage_environment(simulator),
        **addresses,
        "REDIS_PREFIX": f"{os.environ['REDIS_PREFIX']}-clocks",
        "PUBLIC_ORIGIN": f"http://127.0.0.1:{port}",
    }
    group = simulator.add_support_group(token=BOT_TOKEN, chat_id=CHAT_ID)
    Product(environment).manage("configure_default_channel")
    with Product({**environment, **clock.environment}) as product, ThreadPoolExecutor(3) as pool:
        starting = pool.submit(product.web, port)
        worker = pool.submit(product.worker)
        beat = pool.submit(product.beat, folder / "schedule")
        _, web = starting.result()
        yield Stage(product, web, web, worker.result(), beat.result(), simulator, group)


def assert_all_is_well(case: Case, text: str) -> None:
    """Words travel both ways, a press is answered, and a short wait is short."""
    stage = case.stage
    with_controls = open_case(stage, f"{text}, somebody new")
    with_controls.claim()
    stage.simulator.add_fault("flood", method="sendMessage", retry_after=1)
    case.customer.send(text)
    case.told(f": {text}", timeout_seconds=TIMEOUT_SECONDS)
    case.write("Ana", f"answer: {text}")
    case.settled()
    assert case.history()[-1] == f"answer: {text}"


def test_clocks_that_jump_ahead_and_back_delay_nobody(clock: Clock, tmp_path: Path) -> None:
    with (
        migrated_database("clocks") as addresses,
        running_simulator() as simulator,
        stage_by(clock, simulator, addresses, tmp_path) as stage,
    ):
        simulator.set_pacing(enabled=False)
        case = open_case(stage)
        case.claim()
        # Less than the hour that a conversation's token lives: beyond, tokens count as expired.
        for seconds in (3_000, -3_000):
            clock.jump(seconds)
            assert_all_is_well(case, f"clock at {seconds:+d}, {uuid4().hex[:4]}")
        assert simulator.violations() == []
