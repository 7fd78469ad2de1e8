"""Celery's entry points to the tenants' own housekeeping."""

from celery import shared_task

from tenants import sessions
from tenants.idempotency.services import forget_old


@shared_task(name="tenants.tasks.delete_idempotent_responses", ignore_result=True)
def delete_idempotent_responses() -> int:
    """Delete the idempotent responses that are older than a day."""
    return forget_old()


@shared_task(name="tenants.tasks.delete_console_sessions", ignore_result=True)
def delete_console_sessions() -> int:
    """Delete the console's sessions that have expired."""
    return sessions.delete_expired()
