"""Celery's entry points to the tenants' own housekeeping."""

from celery import shared_task

from tenants.idempotency.services import forget_old


@shared_task(name="tenants.tasks.delete_idempotent_responses", ignore_result=True)
def delete_idempotent_responses() -> int:
    """Delete the idempotent responses that are older than a day."""
    return forget_old()
