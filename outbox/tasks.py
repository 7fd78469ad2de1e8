"""Celery's entry points to the outbox."""

from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.db.models.functions import Now

from outbox import wake_up
from outbox.dispatcher import process_drain
from outbox.models import OutboxItem
from outbox.poller import Poller
from tenants import pruning

KEEP_FINISHED = timedelta(days=7)


@shared_task(name="outbox.tasks.drain", ignore_result=True)
def drain() -> None:
    """Wake this worker's poller; sent after commits, and by beat every second."""
    wake_up.note_begun()
    process_drain().wake()


@shared_task(name="outbox.tasks.prune", ignore_result=True)
def prune() -> int:
    """Delete items that were finished long ago; the dead stay for a person."""
    return pruning.delete_old(
        lambda: OutboxItem.objects.filter(
            finished_at__lt=Now() - KEEP_FINISHED,
            status__in=[OutboxItem.Status.DONE, OutboxItem.Status.DISCARDED],
        )
    )


_poller = Poller()


@worker_ready.connect(weak=False)
def _start(**_signal: object) -> None:
    _poller.start()


@worker_shutting_down.connect(weak=False)
def _stop_gracefully(**_signal: object) -> None:
    _poller.stop()


@worker_shutdown.connect(weak=False)
def _finish(**_signal: object) -> None:
    # Celery ends by this signal alone when it gives up.
    _poller.stop()
    _poller.join()
