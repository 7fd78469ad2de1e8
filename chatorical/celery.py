"""The Celery application: the worker drains the outbox, beat is the safety net.

A task goes on under the id of the request that has sent it, and under one of its own otherwise.
"""

import os
import signal
from typing import TYPE_CHECKING, Any

import structlog
from celery import Celery, Task
from celery.signals import (
    beat_init,
    before_task_publish,
    task_postrun,
    task_prerun,
    worker_init,
)
from kombu.transport.redis import Channel, QoS, Transport
from redis import RedisError
from structlog.contextvars import clear_contextvars

from kernel.context import adopt_request_id, current_request_id

if TYPE_CHECKING:
    from celery.beat import Service

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")

logger = structlog.get_logger(__name__)

# A channel that closes puts back what was not acknowledged; when Redis has gone meanwhile, that
# fails in a way that ends the worker. There is nothing to put back: tasks are mere wake-ups.
Channel.do_restore = False


class _Acknowledging(QoS):
    """Acknowledges what came through a channel that is still there.

    The worker acknowledges a task a moment after it took it. When its connection has been replaced
    by then, kombu fails with an AttributeError, which ends the worker.
    """

    def ack(self, delivery_tag: str) -> None:
        if not self.channel.closed:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not self.channel.closed:
            super().reject(delivery_tag, requeue)


Channel.QoS = _Acknowledging
# Celery takes some answers of Redis for faults of the program and gives up: that it is a read-only
# replica, out of memory, without its replicas. Each of them ends, so connecting anew is right.
Transport.connection_errors = (*Transport.connection_errors, RedisError)

app = Celery("chatorical")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # An expiry keeps a stopped worker from finding a heap of old wake-ups when it comes back.
    "drain the outbox": {
        "task": "outbox.tasks.drain",
        "schedule": 1.0,
        "options": {"expires": 3},
    },
    "run the timers": {
        "task": "conversations.tasks.run_timers",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "forget used socket tokens": {
        "task": "conversations.tasks.forget_used_tokens",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
    "delete old sessions": {
        "task": "conversations.tasks.delete_old_sessions",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "delete old bans": {
        "task": "conversations.tasks.delete_old_bans",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "delete closed conversations": {
        "task": "conversations.tasks.run_retention",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "discard files without a message": {
        "task": "attachments.tasks.discard_strays",
        "schedule": 600.0,
        "options": {"expires": 300},
    },
    "delete idempotent responses": {
        "task": "tenants.tasks.delete_idempotent_responses",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "delete expired sessions of the console": {
        "task": "tenants.tasks.delete_console_sessions",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "roll up usage": {
        "task": "billing.tasks.roll_up_usage",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
    # For what a process has stored whose clock was hours behind.
    "roll up late usage": {
        "task": "billing.tasks.roll_up_usage",
        "schedule": 6 * 3600.0,
        "kwargs": {"overlap_hours": 72},
        "options": {"expires": 3600},
    },
    "sample usage": {
        "task": "billing.tasks.sample_usage",
        "schedule": 300.0,
        "options": {"expires": 200},
    },
    "check limits": {
        "task": "billing.tasks.check_limits",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "prune the telegram inbox": {
        "task": "channels_telegram.tasks.prune_inbox",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "read accounts of stripe": {
        "task": "billing.tasks.reconcile",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "prune stripe's events": {
        "task": "billing.tasks.prune_stripe_events",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "prune the outbox": {
        "task": "outbox.tasks.prune",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
}


@before_task_publish.connect(weak=False)
def _send_request_id(headers: dict[str, Any], **_signal: object) -> None:
    headers.setdefault("request_id", current_request_id())


@task_prerun.connect(weak=False)
def _adopt_request_id(task: Task[Any, Any], **_signal: object) -> None:
    clear_contextvars()
    sent = getattr(task.request, "request_id", "")
    adopt_request_id(sent or None)
    if sent:
        # Not the ones of beat, which sends several a second.
        logger.info("task_began", task=task.name)


@task_postrun.connect(weak=False)
def _forget_request_id(**_signal: object) -> None:
    clear_contextvars()


@worker_init.connect
def look_before_work(sender: Any, **_: object) -> None:
    """Stop a worker that could not open what is sealed, which beat does not; watch the others."""
    from chatorical.web.startup_checks import require_master_keys

    require_master_keys()
    from chatorical.worker.task_watchdogs import watch_worker

    watch_worker(threads=sender.concurrency)


@beat_init.connect(weak=False)
def _watch_beat(sender: "Service", **_: object) -> None:
    from chatorical.worker.task_watchdogs import watch_beat

    scheduler: Any = sender.scheduler
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, scheduler.end_after_this_round)
    watch_beat()
