"""Celery's entry points to this app."""

from celery import shared_task

from attachments import erasure


@shared_task(name="attachments.tasks.discard_strays", ignore_result=True)
def discard_strays() -> int:
    """Take away files whose message never came."""
    return erasure.discard_strays()
