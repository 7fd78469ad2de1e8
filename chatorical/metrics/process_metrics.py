"""The metrics of all processes of a machine, in one directory that they share.

prometheus_client can keep a process's values in files, and names the files by process id. Ids
repeat: after a restart, and between containers. So each process gets an identity of its own here
and holds a lock of that name while it lives, which the kernel releases however the process ends.
The values of a process that has ended are added to one set of files, so that counters never go back
and the number of files does not grow with every restart.
"""

import errno
import fcntl
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import prometheus_client.values
import structlog
from prometheus_client import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

from chatorical.metrics.metrics_files import ReservedDict, read_values, write_values

logger = structlog.get_logger(__name__)

ROLES = ("web", "worker", "beat")
OTHER_ROLE = "other"
_ENDED = "ended"
# Without room for metrics a process works all the same.
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class LiveProcess:
    """A process that holds its lock; `pid` is 0 where this process cannot look at it."""

    identity: str
    role: str
    pid: int


class SharedMetrics:
    """A directory of metrics, and this process's place in it.

    Raises OSError when the directory can be neither made nor written.
    """

    def __init__(self, directory: Path, role: str) -> None:
        self._directory = directory
        self._role = role
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._join()
        os.register_at_fork(after_in_child=self._join)

    def _join(self) -> None:
        """Take a new identity; a forked child must not write to its parent's files."""
        with self._exclusive():
            self._identity = f"{self._role}-{secrets.token_hex(8)}"
            # Kept open, and so locked, until the process ends.
            self._alive = (self._directory / f"{self._identity}.alive").open("wb")
            fcntl.flock(self._alive, fcntl.LOCK_EX)
            self._alive.write(f"{os.getpid()} {_pid_namespace()}".encode())
            self._alive.flush()
            self._sort_out()

    def identity(self) -> str:
        """What the files of this process are named by."""
        return self._identity

    def collect(self) -> Iterable[Metric]:
        """The sum over all processes; of gauges, over those that live."""
        with self._exclusive():
            processes = self._sort_out()
            files = [
                str(file) for file in self._directory.glob("*.db") if read_values(file) is not None
            ]
            merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        yield from merged
        yield from _process_metrics(processes)
        yield count_by_role([*ROLES], [process.role for process in processes])

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Nobody joins, sorts out or collects meanwhile."""
        with (self._directory / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                # A child that was forked meanwhile holds the file, too: closing releases nothing.
                fcntl.flock(lock, fcntl.LOCK_UN)

    def _sort_out(self) -> list[LiveProcess]:
        """Add up the files of processes that have ended; returns the processes that live."""
        processes = list(self._live_processes())
        keep = {process.identity for process in processes} | {_ENDED}
        ended: dict[str, list[Path]] = {}
        for file in sorted(self._directory.glob("*.db")):
            if file.stem.rpartition("_")[2] not in keep:
                ended.setdefault(file.name.partition("_")[0], []).append(file)
        for kind, files in ended.items():
            # Gauges are of those that live.
            if kind == "gauge" or self._add_to_ended(kind, files):
                for file in files:
                    file.unlink()
        return processes

    def _live_processes(self) -> Iterator[LiveProcess]:
        for path in sorted(self._directory.glob("*.alive")):
            with path.open("rb") as file:
                if _is_locked(file):
                    pid, _, namespace = file.read().decode().partition(" ")
                    role = path.stem.rpartition("-")[0]
                    is_visible = namespace == _pid_namespace()
                    yield LiveProcess(path.stem, role, int(pid) if is_visible else 0)
                else:
                    path.unlink()

    def _add_to_ended(self, kind: str, files: list[Path]) -> bool:
        total = self._directory / f"{kind}_{_ENDED}.db"
        sums: dict[str, float] = {}
        for file in (total, *files):
            for key, value in (read_values(file) or {}).items():
                sums[key] = sums.get(key, 0.0) + value
        return write_values(sums, total)


def _pid_namespace() -> str:
    """Process ids mean the same only within one; empty where the system has no such thing."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def _is_locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _process_metrics(processes: list[LiveProcess]) -> Iterator[Metric]:
    """Memory, CPU time and open files of each process that this one can look at."""
    families: dict[str, Metric] = {}
    for process in processes:
        if not process.pid:
            continue
        pid = process.pid
        for metric in ProcessCollector(registry=None, pid=lambda pid=pid: pid).collect():  # type: ignore[misc]
            family = families.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type)
            )
            for sample in metric.samples:
                labels = {"role": process.role, "process": process.identity}
                family.add_sample(sample.name, labels, sample.value)
    yield from families.values()


def count_by_role(expected: Iterable[str], roles: Iterable[str]) -> Metric:
    """How many processes live by role; 0 for a role that is expected and missing."""
    counted = Counter(dict.fromkeys(expected, 0))
    counted.update(roles)
    family = Metric("chatorical_processes", "Processes of this machine that live.", "gauge")
    for role, count in sorted(counted.items()):
        family.add_sample("chatorical_processes", {"role": role}, count)
    return family


_shared: SharedMetrics | None = None


def set_up(directory: Path | None, role: str) -> None:
    """Decide where this process keeps its metrics, before the first of them is made.

    Without a directory, or room in it, it keeps them in memory, and nobody else sees them. Raises
    OSError for a directory that can be neither made nor written.
    """
    global _shared
    values = prometheus_client.values
    if _shared is not None:
        return
    # The package looks whether the variable is there, not whether it says anything.
    values.ValueClass = values.MutexValue
    if directory is None:
        return
    try:
        _shared = SharedMetrics(directory, role)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        logger.error("metrics_not_shared", reason=error.strerror)
    else:
        values.MmapedDict = ReservedDict  # type: ignore[attr-defined]
        values.ValueClass = values.MultiProcessValue(_shared.identity)  # type: ignore[no-untyped-call]


def shared() -> SharedMetrics | None:
    """The directory that this process takes part in; None when it keeps its metrics to itself."""
    return _shared
