"""The product's own processes, started as an operator would, for tests that need the real thing."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import fork_server

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 60
COMMAND_TIMEOUT_SECONDS = 300
_LAST_LINES = 60


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_Child = subprocess.Popen[str] | fork_server.ForkedProcess


def start_child(
    command: list[str], environment: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> _Child:
    """Start this command where the repository is, its output and errors in one stream.

    `python -m MODULE …` is forked from a process that has imported the libraries, which saves two
    thirds of its start; any other program is executed.
    """
    interpreter, *words = command
    if (
        interpreter == sys.executable
        and words[0] == "-m"
        and not pass_fds
        and fork_server.can_fork(environment)
    ):
        return fork_server.running(ROOT).start(words[1], words[2:], environment)
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=pass_fds,
    )


class Process:
    """One child process whose log is read line by line, so that tests wait for what it says."""

    def __init__(
        self,
        command: list[str],
        environment: Mapping[str, str],
        ready: str,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._pass_fds = pass_fds
        self._command = command
        self._environment = dict(environment)
        self._ready = ready
        self._child: _Child | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self.log: list[str] = []

    def start(self) -> None:
        """Start it and wait until its log says that it is ready."""
        self.start_without_waiting()
        self.wait_for_log(self._ready)

    def start_without_waiting(self) -> None:
        """Start it; whether it is ready is for the caller to see."""
        self._child = start_child(self._command, self._environment, self._pass_fds)
        self._lines = queue.SimpleQueue()
        self._reader = threading.Thread(
            target=self._read, args=[self._child, self._lines], daemon=True
        )
        self._reader.start()

    def wait_for_log(self, *texts: str, timeout_seconds: float = START_TIMEOUT_SECONDS) -> str:
        """The next line that contains all these texts, however much else is said meanwhile."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                line = self._lines.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                raise AssertionError(
                    f"no {texts!r} in the log for {timeout_seconds:g} s:\n{self.last_lines()}"
                ) from None
            if line == "":
                raise AssertionError(f"ended without {texts!r}:\n{self.last_lines()}")
            if all(text in line for text in texts):
                return line

    def last_lines(self) -> str:
        """The end of its log so far, and whether it runs."""
        state = "runs" if self.is_running else "does not run"
        return f"{' '.join(self._command)} {state}:\n{''.join(self.log[-_LAST_LINES:])}"

    def skip_log(self) -> None:
        """Let `wait_for_log` see only what is said from now on."""
        while not self._lines.empty():
            self._lines.get_nowait()

    def _read(self, child: "_Child", lines: "queue.SimpleQueue[str]") -> None:
        assert child.stdout is not None
        for line in child.stdout:
            self.log.append(line)
            lines.put(line)
        child.stdout.close()
        lines.put("")

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._child is not None
        return self._child.pid

    def signal_end(self) -> None:
        """Ask it to end (SIGTERM), and go on meanwhile; `wait` says how it ended."""
        assert self._child is not None
        self._child.send_signal(signal.SIGTERM)

    def wait(self, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> int:
        """Wait until it has ended by itself; returns its exit code. The log is whole then."""
        assert self._child is not None
        child, self._child = self._child, None
        code = self._ended(child, timeout_seconds)
        if self._reader is not None:
            # Not for ever: what it has started may hold its output open.
            self._reader.join(STOP_TIMEOUT_SECONDS)
        return code

    def stop(self) -> int:
        """End it as an operator would (SIGTERM); returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it as the kernel would (SIGKILL)."""
        return self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self._child is None:
            return 0
        child, self._child = self._child, None
        child.send_signal(how)
        return self._ended(child, STOP_TIMEOUT_SECONDS)

    def _ended(self, child: "_Child", timeout_seconds: float) -> int:
        """Its exit code; one that does not end is killed, and its last lines are raised."""
        try:
            return child.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(STOP_TIMEOUT_SECONDS)
            raise AssertionError(
                f"no end within {timeout_seconds:g} s. {self.last_lines()}"
            ) from None


class Product:
    """Web processes, a worker and beat around one database, one Redis and one Bot API."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = {
            **os.environ,
            **environment,
            "LOG_PRETTY": "false",
            "PYTHONUNBUFFERED": "1",
        }
        self._processes: list[Process] = []

    def __enter__(self) -> "Product":
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End every process that is still there; then say which of them did not end by itself."""
        faults = []
        for process in reversed(self._processes):
            try:
                process.stop()
            except AssertionError as fault:
                faults.append(str(fault))
        self._processes.clear()
        assert not faults, "\n".join(faults)

    def _run(self, command: list[str], ready: str, **extra: str) -> Process:
        process = Process(command, {**self.environment, **extra}, ready)
        self._processes.append(process)
        process.start()
        return process

    def manage(self, *words: str) -> str:
        """Run a management command; returns what it printed."""
        command = Process([sys.executable, "-m", "manage", *words], self.environment, "")
        command.start_without_waiting()
        code = command.wait(COMMAND_TIMEOUT_SECONDS)
        printed = "".join(command.log)
        assert code == 0, printed
        return printed

    def web(self, port: int | None = None) -> tuple[Process, str]:
        """A web process; returns it and its address."""
        port = port or free_port()
        command = [
            *(sys.executable, "-m", "uvicorn", "chatorical.asgi:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--ws", "websockets-sansio"),
            *("--ws-per-message-deflate", "false", "--timeout-graceful-shutdown", "5"),
            # As deployed: who the caller is, is for the application to say (TRUSTED_PROXIES).
            "--no-proxy-headers",
            *(
                "--http",
                "chatorical.web.http_protocol_guard:GuardedProtocol",
                "--ws-max-size",
                "1048576",
            ),
        ]
        process = self._run(command, "Uvicorn running on")
        return process, f"http://127.0.0.1:{port}"

    def worker(self) -> Process:
        """A Celery worker."""
        command = [sys.executable, "-m", "chatorical.worker", "worker"]
        options = ["-P", "threads", "-c", "4", "--without-mingle", "--without-gossip"]
        return self._run([*command, *options, "--loglevel", "INFO"], " ready.")

    def beat(self, schedule: Path) -> Process:
        """Celery's beat."""
        command = [sys.executable, "-m", "chatorical.worker", "beat"]
        options = ["--schedule", str(schedule), "--pidfile", "", "--loglevel", "INFO"]
        return self._run([*command, *options], "maxinterval")
