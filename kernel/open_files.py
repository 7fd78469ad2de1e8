"""A warning before a process may open no more files, sockets among them.

At its limit a web process takes no connection, and the event loop says nothing of it: callers are
hung up on. So it writes one line when more than four fifths of its limit are in use.
"""

import os
import resource
from collections.abc import Callable

import structlog

from kernel.nearness import Nearness

logger = structlog.get_logger(__name__)

_OWN = "/proc/self/fd"


class OpenFilesWatch:
    """Compares what a process has open with what it may have open."""

    def __init__(self, limit: Callable[[], int], count: Callable[[], int]) -> None:
        self._limit = limit
        self._count = count
        self._nearness = Nearness()

    def check(self) -> None:
        """Warn when the limit has come near; once until there is room again."""
        limit, count = self._limit(), self._count()
        if limit > 0 and self._nearness.is_news(count, limit):
            logger.warning(
                "files_near_limit",
                open_files=count,
                limit=limit,
                consequence="at its limit this process takes no connection",
            )


def watch_of_this_process() -> OpenFilesWatch:
    """For the limit as it is at each check."""
    return OpenFilesWatch(_limit_of_this_process, count_of_this_process)


def count_of_this_process() -> int:
    """How many files and sockets are open; 0 where the system does not tell."""
    try:
        # Linux 6.2 and newer tell it without opening anything, and without listing thousands.
        return os.stat(_OWN).st_size or len(os.listdir(_OWN))
    except OSError:
        return 0


def _limit_of_this_process() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
