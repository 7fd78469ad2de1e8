"""What the two embedded servers have in common: start, stop, kill, restart, wait until ready."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ClassVar, Self

from devtools import process
from devtools.errors import LocalError, ServerFailed

PROBE_INTERVAL_SECONDS = 0.02
MAX_LOG_BYTES = 4 * 1024 * 1024
LOG_TAIL_LINES = 15


class EmbeddedServer(ABC):
    """A server of our own on a UNIX socket, with its data in one directory.

    Used in two ways: as a context manager or by start/stop (tests, one-shot words), or by the
    supervisor, which takes `prepare()`, `argv()` and `popen_options()` and runs it itself.
    One directory belongs to one run at a time (see `instance.py`); this class does not lock it.
    Start it from the main thread: on Linux it dies with the thread that started it.
    """

    name: ClassVar[str]
    executable: ClassVar[str]
    #: Signals to stop with, each with the seconds it is given before the next one.
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]]
    #: What the kernel sends the server when we die without stopping it.
    death_signal: ClassVar[signal.Signals]

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory).absolute()
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The application's address; known before the server runs."""

    @property
    @abstractmethod
    def addresses(self) -> dict[str, str]:
        """The address of each login, by the setting that it is for."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the data directory fit to start on: create it, end leftovers of a killed run."""

    @abstractmethod
    def argv(self) -> list[str]:
        """The command line; the server stays in the foreground."""

    @abstractmethod
    def popen_options(self) -> process.PopenOptions:
        """See `process.popen_options`."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client is served at this moment."""

    def after_ready(self) -> None:  # noqa: B027 - a server may have nothing to add
        """Called once the server answers, each time it has been started."""

    def environment(self) -> dict[str, str]:
        """The server's own environment: the locale fixed, nothing of libpq's."""
        dropped = ("PG", "LC_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
        return {**kept, "LC_ALL": "C", "TZ": "UTC"}

    @property
    def log_path(self) -> Path:
        """Beside the data directory: PostgreSQL wants its own to itself."""
        return self.directory.parent / "logs" / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._popen.pid if self._popen is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether the process we started is alive."""
        return self._popen is not None and self._popen.poll() is None

    def start(self, *, timeout_seconds: float = 30) -> Self:
        """Start and wait until clients are served; does nothing when it runs already."""
        if self.is_running:
            return self
        self.prepare()
        with open_log(self.log_path) as log:
            # The log outlives a restart; an error shows only what this start has written.
            offset = log.seek(0, os.SEEK_END)
            self._popen = subprocess.Popen(
                self.argv(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment(),
                **self.popen_options(),
            )
        self._wait_until_ready(time.monotonic() + timeout_seconds, offset)
        self.after_ready()
        return self

    def _wait_until_ready(self, deadline: float, log_offset: int) -> None:
        assert self._popen is not None
        while not self.answers():
            try:
                # The pause between two probes ends at once when the server dies.
                code = self._popen.wait(timeout=PROBE_INTERVAL_SECONDS)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
                self.kill()
                raise ServerFailed(
                    f"{self.name} did not become ready in time.{self._log_since(log_offset)}"
                ) from None
            raise ServerFailed(f"{self.name} ended with {code}.{self._log_since(log_offset)}")

    def _log_since(self, offset: int) -> str:
        with self.log_path.open("rb") as log:
            log.seek(offset)
            lines = log.read().decode(errors="replace").splitlines()
        return "".join(f"\n  {line}" for line in lines[-LOG_TAIL_LINES:])

    def stop(self) -> None:
        """Stop in good order, by force when that takes too long; no error when not running."""
        if self._popen is None:
            return
        for sent, seconds in (*self.stop_signals, (signal.SIGKILL, 10.0)):
            if self._popen.poll() is not None:
                break
            self._popen.send_signal(sent)
            try:
                self._popen.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                continue
        self._popen = None

    def kill(self) -> None:
        """`kill -9` of the server process, as a test of recovery wants it; waits for its end."""
        if self._popen is None:
            return
        self._popen.kill()
        self._popen.wait()
        self._popen = None

    def restart(self) -> Self:
        """Stop in good order and start again on the same data and the same address."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending; one grown over 4 MB begins anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grown = path.exists() and path.stat().st_size > MAX_LOG_BYTES
    return path.open("wb" if grown else "ab")


def make_private_directory(path: Path, owner: process.ServiceUser | None) -> None:
    """Create `path` for `owner` alone (None: for us); refuses another account's."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = owner.uid if owner is not None else os.geteuid()
    status = path.lstat()
    # Another account's directory may hold a planted socket or link.
    if status.st_uid not in (wanted, os.geteuid()):
        raise LocalError(
            f"{path} belongs to another user. Remove it, or choose another place: "
            "CHATORICAL_DATA_DIR=/some/directory"
        )
    if owner is not None and status.st_uid != owner.uid:
        os.chown(path, owner.uid, owner.gid)
    if status.st_mode & 0o777 != 0o700:
        path.chmod(0o700)
