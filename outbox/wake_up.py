"""Waking the drain after a commit, cheaply.

A Celery task costs a millisecond or two here and twice that in the worker, so a burst of commits
shares one wake-up: the first goes out at once, those of the next 20 ms together, and none while one
of any process is on its way. A lost wake-up costs latency only: beat sends one each second,
and pollers do without any.
"""

import threading
import time

import structlog
from celery import current_app

from kernel.context import current_request_id, on_behalf_of
from outbox import metrics
from tenants.redis_client import REDIS_FAULTS, key, redis_client

logger = structlog.get_logger(__name__)

COALESCE_SECONDS = 0.02
# A wake-up older than this has been overtaken by polls.
EXPIRES_SECONDS = 5
# How long one that nobody takes holds back others. While no worker runs, each of them stays in the
# queue; any that a worker takes ends the wait.
ON_ITS_WAY_SECONDS = 30
DRAIN_TASK = "outbox.tasks.drain"


class _Waker:
    """One daemon thread per process that turns wishes into wake-ups."""

    def __init__(self) -> None:
        self._wish = threading.Event()
        self._request_id = ""
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self, request_id: str) -> None:
        self._request_id = request_id
        if self._thread is None or not self._thread.is_alive():
            self._start()
        self._wish.set()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="wake-up", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wish.wait()
            self._wish.clear()
            self._publish(self._request_id)
            # A throttle, not a wait for something: wishes made meanwhile are answered together.
            time.sleep(COALESCE_SECONDS)

    @staticmethod
    def _publish(request_id: str) -> None:
        try:
            # One that has not begun yet will see what has been committed until now.
            if not redis_client().set(_on_its_way(), 1, nx=True, ex=ON_ITS_WAY_SECONDS):
                return
            with on_behalf_of(request_id):
                current_app.send_task(DRAIN_TASK, expires=EXPIRES_SECONDS, retry=False)
        except REDIS_FAULTS as error:
            metrics.WAKE_UPS_FAILED.inc()
            logger.warning("wake_up_failed", error=type(error).__name__)


def _on_its_way() -> str:
    return key("outbox-wake-up")


def note_begun() -> None:
    """A drain begins to look: what is committed from now on needs another wake-up."""
    try:
        redis_client().delete(_on_its_way())
    except REDIS_FAULTS as error:
        # It expires soon, and pollers go on.
        logger.warning("redis_away", used_for="outbox wake-ups", error=type(error).__name__)


_waker = _Waker()


def wake_drain() -> None:
    """Ask for a drain soon; returns at once and never fails.

    A wake-up that several requests share goes out under the id of the latest.
    """
    _waker.wake(current_request_id())
