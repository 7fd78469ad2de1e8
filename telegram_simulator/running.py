"""The simulator as a child process."""

from __future__ import annotations

import selectors
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 20.0
STOP_SECONDS = 10.0


class SimulatorProcess:
    """A simulator on a port of its own that can be stopped, killed and started again."""

    def __init__(self, *, state_file: Path | None = None, options: Sequence[str] = ()) -> None:
        self.port = 0
        self._options = [*options]
        if state_file is not None:
            self._options += ["--state", str(state_file)]
        self._process: subprocess.Popen[str] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it serves; a restart takes the same port. Raises RuntimeError."""
        command = [sys.executable, "-m", "telegram_simulator", "--port", str(self.port)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [*command, *self._options],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = _first_line(self._process)
        if not line.startswith("listening on "):
            self.kill()
            raise RuntimeError("the simulator did not start")
        self.port = int(line.rpartition(":")[2])

    def stop(self) -> None:
        """End it tidily."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._reap()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None


def _first_line(process: subprocess.Popen[str]) -> str:
    """The line that tells of readiness; empty when the process ends or hangs instead."""
    if process.stdout is None:
        return ""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        return process.stdout.readline() if selector.select(START_SECONDS) else ""
