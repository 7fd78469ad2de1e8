"""Celery's entry points to this app."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from channels_telegram.models import InboxUpdate
from tenants import pruning

# Telegram repeats an update for a day at most; the rest is for whoever looks into a complaint.
KEEP_INBOX = timedelta(days=30)


@shared_task(name="channels_telegram.tasks.prune_inbox", ignore_result=True)
def prune_inbox() -> int:
    """Forget updates that can no longer be repeated."""
    return pruning.delete_old(
        lambda: InboxUpdate.objects.filter(received_at__lt=timezone.now() - KEEP_INBOX)
    )
