"""A forked process is what `python -m MODULE` is: its arguments, environment, output and ending."""

import os
import signal
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.fork_server import ForkedProcess, ForkServer, can_fork
from tests.processes import ROOT, start_child

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system has no pidfds")


class Starter:
    """A fork server of this test's own, and what it has started."""

    def __init__(self) -> None:
        self.server = ForkServer(ROOT)
        self._started: list[ForkedProcess] = []

    def start(self, *words: str) -> ForkedProcess:
        process = self.server.start("tests.devtools.speaking", words, {"COLOUR": "green"})
        self._started.append(process)
        return process

    def stop(self) -> None:
        self.server.stop()
        for process in self._started:
            process.stdout.close()
            process.wait()


@pytest.fixture
def starter() -> Iterator[Starter]:
    starter = Starter()
    yield starter
    starter.stop()


def test_it_has_its_own_arguments_environment_and_output(starter: Starter) -> None:
    process = starter.start("0", "more")
    assert process.stdout.read().splitlines() == [
        "['0', 'more'] green None",
        "open: ['0', '1', '2']",
        "errors",
    ]
    assert (process.wait(), process.poll()) == (0, 0)


def test_several_end_each_in_its_own_way(starter: Starter) -> None:
    failing, waiting, other = starter.start("3"), starter.start("wait"), starter.start("wait")
    assert failing.wait() == 3
    assert "green" in waiting.stdout.readline()
    assert waiting.poll() is None
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait() == -signal.SIGTERM
    other.kill()
    assert other.wait() == -signal.SIGKILL
    other.kill()  # of one that has ended: nothing


def test_what_still_runs_ends_with_the_server(starter: Starter) -> None:
    left = psutil.Process(starter.start("wait").pid)
    starter.server.stop()
    left.wait(30)


def test_only_python_modules_of_the_same_interpreter_are_forked() -> None:
    assert can_fork({**os.environ, "DATABASE_URL": "postgres://", "PYTHONUNBUFFERED": "1"})
    assert not can_fork({**os.environ, "LD_PRELOAD": "/usr/lib/libfaketime.so"})
    assert not can_fork({**os.environ, "PYTHONHASHSEED": "7"})
    environment = {**os.environ, "COLOUR": "red"}
    forked = start_child([sys.executable, "-m", "tests.devtools.speaking", "4"], environment)
    executed = start_child([sys.executable, "tests/devtools/speaking.py", "4"], environment)
    assert isinstance(forked, ForkedProcess) and not isinstance(executed, ForkedProcess)
    for process in (forked, executed):
        assert process.stdout is not None
        with process.stdout:
            assert "['4'] red" in process.stdout.read()
        assert process.wait() == 4
