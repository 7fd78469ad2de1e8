"""The Celery application: the worker drains the outbox, beat is the safety net."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")

# A channel that closes puts back what was not acknowledged; when Redis has gone meanwhile, that
# fails in a way that ends the worker. There is nothing to put back: tasks are mere wake-ups.
Channel.do_restore = False

app = Celery("chatorical")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # An expiry keeps a stopped worker from finding a heap of old sweeps when it comes back.
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
    "prune the telegram inbox": {
        "task": "channels_telegram.tasks.prune_inbox",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "prune the outbox": {
        "task": "outbox.tasks.prune",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
}


@worker_init.connect
def look_before_work(**_: Any) -> None:
    """Stop a worker that could not open what is sealed; beat opens nothing."""
    from chatorical.starting import require_master_keys

    require_master_keys()
