"""Celery's entry points to the outbox."""

from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.utils import timezone

from outbox import nudge
from outbox.drain import process_drain
from outbox.models import OutboxItem
from outbox.sweep import Sweep
from tenants.scope import platform_scope

KEEP_FINISHED = timedelta(days=7)
_PRUNE_BATCH = 5_000


@shared_task(name="outbox.tasks.drain", ignore_result=True)
def drain() -> int:
    """Keep all promises that are due; woken after commits, and by beat every second."""
    nudge.note_begun()
    return process_drain().run()


@shared_task(name="outbox.tasks.prune", ignore_result=True)
def prune() -> int:
    """Delete items that were finished long ago, a batch at a time; the dead stay for a person."""
    deleted = 0
    while True:
        with platform_scope("outbox pruning"):
            batch = list(
                OutboxItem.objects.filter(
                    finished_at__lt=timezone.now() - KEEP_FINISHED,
                    status__in=[OutboxItem.Status.DONE, OutboxItem.Status.DISCARDED],
                ).values_list("pk", flat=True)[:_PRUNE_BATCH]
            )
            OutboxItem.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
        if len(batch) < _PRUNE_BATCH:
            return deleted


_sweep = Sweep()


@worker_ready.connect(weak=False)
def _sweep_without_broker(**_signal: object) -> None:
    _sweep.start()


@worker_shutting_down.connect(weak=False)
def _stop_gracefully(**_signal: object) -> None:
    _sweep.stop()


@worker_shutdown.connect(weak=False)
def _finish(**_signal: object) -> None:
    _sweep.join()
