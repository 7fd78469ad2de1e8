"""Celery's entry points to the tenants' own housekeeping."""

from celery import shared_task

from tenants.idempotency.services import forget_old


@shared_task(name="tenants.tasks.forget_kept_answers", ignore_result=True)
def forget_kept_answers() -> int:
    """Delete the kept answers of yesterday's calls."""
    return forget_old()
