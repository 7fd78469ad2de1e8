"""Ends a process that does not do its work although it could, so that it is started again.

Docker restarts what has ended and nothing else, so the process judges itself: a thread looks each
second whether every activity goes on. While one stands still that could go on, it counts; at
WATCHDOG_SEC it writes one line and ends the process. An outage of a server is no standstill, so
nothing is ended for it. Under systemd, the same thread reports that the process lives. And it says
when the process has nearly used up its memory, or the files that it may open.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from django.conf import settings

from kernel import memory, open_files

logger = structlog.get_logger(__name__)

CHECK_SECONDS = 1.0
#: EX_SOFTWARE of sysexits.h.
EXIT_STATUS = 70
# So many checks without progress are rest; only then are servers asked whether they are there.
_RESTING_CHECKS = 5


@dataclass(eq=False, slots=True)
class Activity:
    """Work that goes on by itself, in rounds of at most a few seconds."""

    name: str
    #: Whether the servers are there that it needs; asked while it stands still. Answers in seconds.
    can_go_on: Callable[[], bool] = lambda: True
    _rounds: int = 0
    _rounds_seen: int = 0
    _checks_without: int = 0

    def mark(self) -> None:
        """Note the end of a round; from any thread, and cheap."""
        self._rounds += 1

    def count_standstill(self) -> int:
        """For how many checks it has stood still though it could go on; call once per check."""
        has_progressed = self._rounds != self._rounds_seen
        self._rounds_seen = self._rounds
        if has_progressed:
            self._checks_without = 0
        elif self._checks_without < _RESTING_CHECKS or self._could_go_on():
            self._checks_without += 1
        else:
            self._checks_without = 0
        return self._checks_without

    def _could_go_on(self) -> bool:
        try:
            return self.can_go_on()
        except Exception:
            # Such as no file left to ask with: not a reason to end a process, nor to stop watching.
            logger.exception("watchdog_question_failed", activity=self.name)
            return False


class Watchdog:
    """One thread that looks at activities until it is stopped."""

    def __init__(self, activities: Iterable[Activity], before_check: Callable[[], None]) -> None:
        self._activities = tuple(activities)
        self._before_check = before_check
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to look, and tell systemd that the process has started."""
        notify_supervisor("READY=1")
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Look no more: from here on the process may take its time to end."""
        notify_supervisor("STOPPING=1")
        self._stopping.set()

    def _run(self) -> None:
        limit = settings.WATCHDOG_SECONDS
        watches = (memory.watch_of_this_process(), open_files.watch_of_this_process())
        # Counted in checks, not by a clock: a process or machine that was suspended for an hour
        # has missed its checks, too.
        while not self._stopping.wait(CHECK_SECONDS):
            self._before_check()
            for watch in watches:
                watch.check()
            for activity in self._activities:
                seconds = activity.count_standstill() * CHECK_SECONDS
                if 0 < limit <= seconds and not self._stopping.is_set():
                    _end(activity, seconds)
            notify_supervisor("WATCHDOG=1")


_watchdog: Watchdog | None = None


def start(*activities: Activity, before_check: Callable[[], None] = lambda: None) -> None:
    """Watch this process from now on.

    `before_check` runs in the watchdog's thread, such as to ask an event loop for a sign.
    """
    global _watchdog
    _watchdog = Watchdog(activities, before_check)
    _watchdog.start()


def stop() -> None:
    """Let this process end in its own time."""
    if _watchdog is not None:
        _watchdog.stop()


def _end(activity: Activity, seconds: float) -> None:
    logger.critical(
        "work_stands_still",
        activity=activity.name,
        seconds=round(seconds),
        action="the process ends, so that its supervisor starts it again",
    )
    # Not sys.exit: what hangs would keep the process.
    os._exit(EXIT_STATUS)


def notify_supervisor(state: str) -> None:
    """Tell systemd, where it is that has started this process (sd_notify(3))."""
    address = settings.SUPERVISOR_SOCKET
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.sendto(state.encode(), address)
    except OSError as error:
        logger.warning("supervisor_not_told", state=state, error=type(error).__name__)
