"""How worker and beat live with every state of their broker, which is Redis.

Whatever Redis answers, the worker waits until it takes writes and then connects anew, and beat goes
on with what is due next.
"""

import time
from datetime import timedelta
from typing import Any

import structlog
from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError
from celery.worker import consumer, state
from django.conf import settings
from redis import RedisError

from kernel.watchdog import Activity
from tenants.redis_client import REDIS_FAULTS, key, redis_client, require_writable

logger = structlog.get_logger(__name__)

#: The loop that takes tasks from the broker.
WORKER_CONNECTION = Activity("broker connection")
#: What beat sends, each second.
BEAT_SENDS = Activity("schedule")
_RETRY_SECONDS = 1.0
_MARK_SECONDS = 1.0
# Beat sends no frequent task on top of so many: without a worker the list would fill Redis.
_MAX_WAITING_TASKS = 100
_FREQUENT = timedelta(minutes=1)


def count_waiting_tasks() -> int:
    """How many tasks nobody has taken yet; raises redis.RedisError."""
    name = settings.CELERY_TASK_DEFAULT_QUEUE
    length: Any = redis_client().llen(key("celery", name))
    return int(length)


class Consumer(consumer.Consumer):
    """The worker's consumer, which connects as soon as Redis takes writes, and not before."""

    def ensure_connected(self, conn: Any) -> Any:
        """A connection that is established; waits as long as Redis refuses writes."""
        _wait_until_writable()
        return super().ensure_connected(conn)

    def register_with_event_loop(self, hub: Any) -> None:
        """Called once for each connection, whose end takes the timer with it."""
        super().register_with_event_loop(hub)
        hub.call_repeatedly(_MARK_SECONDS, WORKER_CONNECTION.mark)


def _wait_until_writable() -> None:
    is_away = False
    while True:
        # Raises the end of the worker when that is asked for.
        state.maybe_shutdown()
        try:
            require_writable()
        except RedisError as error:
            if not is_away:
                logger.warning("broker_away", error=type(error).__name__, reason=str(error)[:200])
            is_away = True
            time.sleep(_RETRY_SECONDS)
        else:
            if is_away:
                logger.info("broker_back")
            return


class Scheduler(PersistentScheduler):
    """Beat's schedule: a task that cannot be sent is sent the next time that it is due."""

    _is_held_back = False
    _has_to_end = False

    def end_after_this_round(self, *_signal: object) -> None:
        """A signal's handler in place of Celery's.

        That one closes the schedule wherever beat stands at the moment. In the middle of a task
        that is being sent, beat then fails with the closed file.
        """
        self._has_to_end = True

    def tick(self, *args: Any, **options: Any) -> float:
        """Send what is due; returns the seconds until the next task is."""
        if self._has_to_end:
            raise SystemExit
        self._follow_clock()
        seconds: float = super().tick(*args, **options)
        return seconds

    def _follow_clock(self) -> None:
        """After the clock was put back, wait from now on, not until it is as late as it was."""
        entries: dict[str, ScheduleEntry] = self.schedule
        for entry in entries.values():
            now = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > now:
                entry.last_run_at = now
                self._heap = None

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send what is due, unless frequent tasks before it are still waiting."""
        try:
            is_frequent = _interval(entry) < _FREQUENT
            if is_frequent and count_waiting_tasks() >= _MAX_WAITING_TASKS:
                if not self._is_held_back:
                    logger.warning("tasks_held_back", reason="no worker takes tasks")
                self._is_held_back = True
            else:
                self._is_held_back &= not is_frequent
                self.apply_async(entry, producer=producer, advance=False)
            BEAT_SENDS.mark()
        except (SchedulingError, *REDIS_FAULTS) as error:
            cause = error.__cause__ or error.__context__ or error
            logger.warning("task_not_sent", task=entry.task, error=type(cause).__name__)


def _interval(entry: ScheduleEntry) -> timedelta:
    """How often it is due; every entry of ours has a plain interval."""
    every: timedelta = getattr(entry.schedule, "run_every", timedelta.max)
    return every
