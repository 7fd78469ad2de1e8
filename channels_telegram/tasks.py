"""Celery's entry points to this app."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from channels_telegram.models import InboxUpdate
from tenants.scope import platform_scope

# Telegram repeats an update for a day at most; the rest is for whoever looks into a complaint.
KEEP_INBOX = timedelta(days=30)
_BATCH = 5_000


@shared_task(name="channels_telegram.tasks.prune_inbox", ignore_result=True)
def prune_inbox() -> int:
    """Forget updates that can no longer be repeated, a batch at a time."""
    deleted = 0
    while True:
        with platform_scope("telegram inbox pruning"):
            old = InboxUpdate.objects.filter(received_at__lt=timezone.now() - KEEP_INBOX)
            batch = list(old.values_list("pk", flat=True)[:_BATCH])
            InboxUpdate.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
        if len(batch) < _BATCH:
            return deleted
