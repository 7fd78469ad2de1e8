"""A run ends with everything it started, and keeps everything alive until then."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from devtools import paths

TIMEOUT_SECONDS = 60


class Run:
    """A supervised run in a process of its own."""

    def __init__(self, directory: Path, *kinds: str) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.devtools.fake_run", str(directory), *kinds],
            cwd=paths.ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []

    def wait_for(self, text: str) -> str:
        """Read the output up to the line that contains `text`."""
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return line
        raise AssertionError(f"{text!r} never came:\n" + "\n".join(self.lines))

    def offspring(self) -> list[psutil.Process]:
        return psutil.Process(self.popen.pid).children(recursive=True)

    def end(self) -> int:
        self.lines += (self.popen.stdout or ()) and [line.rstrip() for line in self.popen.stdout]
        return self.popen.wait(timeout=TIMEOUT_SECONDS)


@pytest.fixture
def start_run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*kinds: str) -> Run:
        runs.append(Run(tmp_path, *kinds))
        return runs[-1]

    yield start
    for run in runs:
        if run.popen.poll() is None:
            run.popen.terminate()
            run.popen.wait(timeout=TIMEOUT_SECONDS)
        if run.popen.stdout is not None:
            run.popen.stdout.close()


def assert_gone(processes: list[psutil.Process]) -> None:
    assert processes
    _, alive = psutil.wait_procs(processes, timeout=TIMEOUT_SECONDS)
    # A zombie has ended; in some containers nobody collects those of a killed parent.
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_leaves_no_process(start_run: Callable[..., Run], sent: int) -> None:
    run = start_run("redis", "polite", "stubborn", "forking")
    run.wait_for("all is ready")
    offspring = run.offspring()
    assert len(offspring) == 5
    run.popen.send_signal(sent)
    assert run.end() == 0
    assert_gone(offspring)


@pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal of Linux")
def test_a_killed_supervisor_leaves_no_process(start_run: Callable[..., Run]) -> None:
    run = start_run("redis", "polite", "stubborn")
    run.wait_for("all is ready")
    offspring = run.offspring()
    assert len(offspring) == 3
    run.popen.kill()
    assert_gone(offspring)


def test_a_killed_process_is_started_again_and_its_children_ended(
    start_run: Callable[..., Run],
) -> None:
    run = start_run("forking")
    grandchild = int(run.wait_for("grandchild").split()[-1])
    run.wait_for("all is ready")
    (victim,) = [process for process in run.offspring() if process.pid != grandchild]
    victim.kill()
    run.wait_for("forking ended (killed by SIGKILL); starting it again.")
    run.wait_for("forking is back")
    assert_gone([process for process in [_process(grandchild)] if process])
    assert len(run.offspring()) == 2


def test_a_killed_redis_is_back_on_the_same_socket(
    start_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = start_run("redis")
    run.wait_for("all is ready")
    (redis,) = run.offspring()
    redis.kill()
    run.wait_for("redis is back")
    assert (tmp_path / "redis" / "redis.sock").exists() or paths.socket_directory(
        tmp_path / "redis"
    ).exists()


def test_a_failing_start_stops_the_rest_and_says_why(start_run: Callable[..., Run]) -> None:
    run = start_run("polite", "broken")
    assert run.end() == 1
    said = "\n".join(run.lines)
    assert re.search(r"refused: broken ended \(status 1\) before it was ready\.", said)
    assert "the reason is here" in said


def test_a_second_signal_does_not_wait(start_run: Callable[..., Run]) -> None:
    run = start_run("stubborn")
    run.wait_for("all is ready")
    offspring = run.offspring()
    run.popen.send_signal(signal.SIGINT)
    run.popen.send_signal(signal.SIGINT)
    assert run.end() == 0
    assert_gone(offspring)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
