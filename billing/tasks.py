"""Celery's entry points to this app."""

from datetime import timedelta

from celery import shared_task

from billing.metering import rollups


@shared_task(name="billing.tasks.roll_up_usage", ignore_result=True)
def roll_up_usage(overlap_hours: int | None = None) -> int:
    """Add up what tenants have used since the last run, and that many hours before."""
    overlap = rollups.OVERLAP if overlap_hours is None else timedelta(hours=overlap_hours)
    return rollups.roll_up(overlap=overlap)
