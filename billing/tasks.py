"""Celery's entry points to this app."""

from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now

from billing.metering import rollups
from billing.models import StripeEvent
from billing.stripe import reconciliation
from tenants import pruning

# As long as Stripe itself can be asked for them.
KEEP_EVENTS = timedelta(days=30)


@shared_task(name="billing.tasks.roll_up_usage", ignore_result=True)
def roll_up_usage(overlap_hours: int | None = None) -> int:
    """Add up what tenants have used since the last run, and that many hours before."""
    overlap = rollups.OVERLAP if overlap_hours is None else timedelta(hours=overlap_hours)
    return rollups.roll_up(overlap=overlap)


@shared_task(name="billing.tasks.reconcile", ignore_result=True)
def reconcile() -> int:
    """Read what has not been read of Stripe for a day: a webhook may have been missed."""
    return reconciliation.enqueue_overdue()


@shared_task(name="billing.tasks.prune_stripe_events", ignore_result=True)
def prune_stripe_events() -> int:
    """Forget old events, with the people's data in them."""
    return pruning.delete_old(
        lambda: StripeEvent.objects.filter(received_at__lt=Now() - KEEP_EVENTS)
    )
