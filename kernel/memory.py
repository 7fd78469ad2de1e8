"""A warning before the kernel ends a process for the memory that it uses.

The ceiling is the smallest limit of the control groups that the process is in, as Docker and
systemd set it, or the setting MEMORY_CEILING_MIB. A process that is killed writes nothing; so it
writes one line when it uses more than four fifths of its ceiling.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog
from django.conf import settings

from kernel.nearness import Nearness

logger = structlog.get_logger(__name__)

_MIB = 1024 * 1024
# The first version of control groups says "no limit" by a number that no machine has.
_NO_LIMIT = 1 << 50


class MemoryWatch:
    """Compares what a process uses with its ceiling."""

    def __init__(self, ceiling: int | None, used: Callable[[], int]) -> None:
        """Both in bytes; without a ceiling there is nothing to compare."""
        self._ceiling = ceiling
        self._used = used
        self._nearness = Nearness()

    def check(self) -> None:
        """Warn when the ceiling has come near; once until there is room again."""
        if self._ceiling is None:
            return
        used = self._used()
        if self._nearness.is_news(used, self._ceiling):
            logger.warning(
                "memory_near_ceiling",
                used_mib=round(used / _MIB),
                ceiling_mib=round(self._ceiling / _MIB),
                percent=round(100 * used / self._ceiling),
                consequence="at its ceiling the kernel ends this process without a word",
            )


def watch_of_this_process() -> MemoryWatch:
    """For the ceiling as it is now."""
    ceiling = settings.MEMORY_CEILING_MIB * _MIB or find_ceiling()
    return MemoryWatch(ceiling, used_by_this_process)


def used_by_this_process() -> int:
    """The resident memory, in bytes; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def find_ceiling(
    groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> int | None:
    """The smallest limit that the control groups of this process set, in bytes."""
    return min(_limits(groups, own), default=None)


def _limits(groups: Path, own: Path) -> Iterator[int]:
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            yield from _read_upwards(groups, path, ("memory.max", "memory.high"))
        elif "memory" in controllers.split(","):
            yield from _read_upwards(groups / "memory", path, ("memory.limit_in_bytes",))


def _read_upwards(root: Path, path: str, names: tuple[str, ...]) -> Iterator[int]:
    """The limits of a group and of all that it is in; within a container its own is the root."""
    folder = root / path.strip("/")
    for group in (folder, *folder.parents):
        for name in names:
            try:
                limit = (group / name).read_text().strip()
            except OSError:
                continue
            if limit.isdigit() and 0 < int(limit) < _NO_LIMIT:
                yield int(limit)
        if group == root:
            return
