"""The output of many processes: each to its log file, and to the screen when asked for."""

import itertools
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from devtools.console import Console
from devtools.embedded import open_log

TAIL_LINES = 20
# How the product's processes begin the one line that they end with: see chatorical/env.py.
_REFUSAL = "chatorical: "
PREFIX_STYLES = ("link", "good", "warn", "bold", "faint")


class Output:
    """Collects lines from the reader threads of all children; safe to call from any thread."""

    def __init__(self, console: Console, directory: Path, *, verbose: bool) -> None:
        self.directory = directory
        self._console = console
        self._verbose = verbose
        self._lock = threading.Lock()
        self._tails: dict[str, deque[str]] = {}
        self._styles = itertools.cycle(PREFIX_STYLES)
        self._prefixes: dict[str, str] = {}

    def read(self, name: str, stream: IO[bytes]) -> Iterator[str]:
        """Pass on every line of `stream` until its end, yielding each after it is written."""
        with stream, self._log(name) as log:
            for raw in stream:
                log.write(raw)
                log.flush()
                line = raw.decode(errors="replace").rstrip("\n")
                self._take(name, line)
                yield line

    @contextmanager
    def _log(self, name: str) -> Iterator[IO[bytes]]:
        with open_log(self.directory / f"{name}.log") as log:
            yield log

    def _take(self, name: str, line: str) -> None:
        with self._lock:
            self._tails.setdefault(name, deque(maxlen=TAIL_LINES)).append(line)
            if not self._verbose:
                return
            if name not in self._prefixes:
                self._prefixes[name] = self._console.style(f"{name:>9} │", next(self._styles))
            self._console.say(f"{self._prefixes[name]} {line}")

    def tail(self, name: str) -> str:
        """The last lines of one process, indented, for an error message.

        Of a process that has stopped itself because of a setting, the line that says so.
        """
        with self._lock:
            lines = list(self._tails.get(name, ()))
        own = [line for line in lines if line.startswith(_REFUSAL)]
        return "".join(f"\n  {line}" for line in own[-1:] or lines)

    def forget(self, name: str) -> None:
        """Begin a new tail: what an earlier life of the process said explains nothing now."""
        with self._lock:
            self._tails.pop(name, None)

    def event(self, line: str, style: str | None = None) -> None:
        """A line of the supervisor's own; always shown."""
        with self._lock:
            self._console.say(line, style)
