"""What the watchdogs of worker and beat look at."""

from typing import Any

from celery.signals import task_received, worker_shutting_down
from celery.worker import state

from chatorical.web import health
from chatorical.worker.broker import BEAT_SENDS, WORKER_CONNECTION, count_waiting_tasks
from kernel import watchdog
from kernel.watchdog import Activity
from outbox.dispatcher import DISPATCH
from tenants.redis_client import REDIS_FAULTS, require_writable

_PROBE_TIMEOUT_SECONDS = 2.0


def watch_worker(*, threads: int) -> None:
    """Its connection to the broker, the tasks that wait there, and the outbox."""
    received = Activity("task queue", lambda: _could_take_tasks(threads))

    @task_received.connect(weak=False)
    def _mark(**_signal: object) -> None:
        received.mark()

    @worker_shutting_down.connect(weak=False)
    def _stop(**_signal: object) -> None:
        # Deliveries in hand are finished first, which may take as long as Telegram does.
        watchdog.stop()

    WORKER_CONNECTION.can_go_on = _is_broker_there
    DISPATCH.can_go_on = _is_database_there
    watchdog.start(WORKER_CONNECTION, received, DISPATCH)


def watch_beat() -> None:
    """That it sends tasks, which it does each second."""
    BEAT_SENDS.can_go_on = _is_broker_there
    watchdog.start(BEAT_SENDS)


def _is_broker_there() -> bool:
    try:
        require_writable()
    except REDIS_FAULTS:
        return False
    return True


def _could_take_tasks(threads: int) -> bool:
    active: Any = state.active_requests
    try:
        return len(active) < threads and count_waiting_tasks() > 0
    except REDIS_FAULTS:
        return False


def _is_database_there() -> bool:
    return health.is_database_there(_PROBE_TIMEOUT_SECONDS)
