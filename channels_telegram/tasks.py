"""Celery's entry points to this app."""

from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now

from channels_telegram.models import FormerTopic, InboxUpdate, UnsentMessage
from tenants import pruning

# Telegram repeats an update for a day at most; the rest helps to look into a complaint.
KEEP_INBOX = timedelta(days=30)
# Most agents can edit what they wrote for two days.
KEEP_UNSENT = timedelta(days=3)
# Longer than Telegram delivers what agents wrote there.
KEEP_FORMER_TOPICS = timedelta(days=3)


@shared_task(name="channels_telegram.tasks.prune_inbox", ignore_result=True)
def prune_inbox() -> int:
    """Forget old updates, messages that were not sent, and topics that conversations once had."""
    deleted = pruning.delete_old(
        lambda: InboxUpdate.objects.filter(received_at__lt=Now() - KEEP_INBOX)
    )
    deleted += pruning.delete_old(
        lambda: UnsentMessage.objects.filter(received_at__lt=Now() - KEEP_UNSENT)
    )
    deleted += pruning.delete_old(
        lambda: FormerTopic.objects.filter(ended_at__lt=Now() - KEEP_FORMER_TOPICS)
    )
    return deleted
