"""How worker and beat live with every state of their broker, which is Redis.

Whatever Redis answers, the worker waits until it takes writes and then connects anew, and beat goes
on with what is due next.
"""

import time
from typing import Any

import structlog
from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError
from celery.worker import consumer, state
from django.conf import settings
from redis import RedisError

from chatorical.kernel.watchdog import Activity
from tenants.redis_client import REDIS_FAULTS, key, redis_client, require_writable

logger = structlog.get_logger(__name__)

#: The loop that takes tasks from the broker.
WORKER_CONNECTION = Activity("broker connection")
#: What beat sends, each second.
BEAT_SENDS = Activity("schedule")
_RETRY_SECONDS = 1.0
_MARK_SECONDS = 1.0
# Beat sends nothing on top of so many tasks: without a worker the list would fill Redis.
_MAX_WAITING_TASKS = 100


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

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send what is due, unless the tasks before it are still waiting."""
        try:
            if count_waiting_tasks() >= _MAX_WAITING_TASKS:
                logger.warning("task_not_sent", task=entry.task, reason="no worker takes tasks")
            else:
                self.apply_async(entry, producer=producer, advance=False)
            BEAT_SENDS.mark()
        except (SchedulingError, *REDIS_FAULTS) as error:
            cause = error.__cause__ or error.__context__ or error
            logger.warning("task_not_sent", task=entry.task, error=type(cause).__name__)
