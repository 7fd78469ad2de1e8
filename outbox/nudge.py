"""Waking the drain after a commit, cheaply.

Publishing a Celery task costs a millisecond or two, so a burst of commits shares one wake-up: the
first goes out at once, those of the next 20 ms together. A lost wake-up costs latency only, because
beat sweeps every second.
"""

import threading
import time

import structlog
from celery import current_app
from kombu.exceptions import OperationalError
from redis import RedisError

from outbox import metrics

logger = structlog.get_logger(__name__)

COALESCE_SECONDS = 0.02
# A wake-up older than this has been overtaken by sweeps.
EXPIRES_SECONDS = 5
DRAIN_TASK = "outbox.tasks.drain"


class _Nudger:
    """One daemon thread per process that turns wishes into wake-ups."""

    def __init__(self) -> None:
        self._wish = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._start()
        self._wish.set()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wish.wait()
            self._wish.clear()
            self._publish()
            # A throttle, not a wait for something: wishes made meanwhile are answered together.
            time.sleep(COALESCE_SECONDS)

    @staticmethod
    def _publish() -> None:
        try:
            current_app.send_task(DRAIN_TASK, expires=EXPIRES_SECONDS, retry=False)
        except (OperationalError, RedisError, OSError) as error:
            metrics.NUDGES_FAILED.inc()
            logger.warning("nudge_failed", error=type(error).__name__)


_nudger = _Nudger()


def wake_drain() -> None:
    """Ask for a drain soon; returns at once and never fails."""
    _nudger.wake()
