"""Celery's entry points to this app."""

from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now

from billing import limits
from billing.metering import rollups, samples
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


@shared_task(name="billing.tasks.check_limits", ignore_result=True)
def check_limits() -> int:
    """Tell tenants that have come to 80 or 100 percent of a limit, once in its period."""
    return limits.note_reached()


@shared_task(name="billing.tasks.sample_usage", ignore_result=True)
def sample_usage() -> int:
    """Write down how many members, agents, bots and bytes tenants have, and their API calls."""
    return samples.take_samples()


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
