"""Finding what webhooks have missed: every account is read once a day in any case."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from billing.models import BillingAccount
from billing.stripe import api, effects
from tenants.scope import platform_scope

READ_EVERY = timedelta(days=1)
_MAX_AT_ONCE = 1_000


def enqueue_overdue() -> int:
    """Have the worker read the accounts that were not read for a day; returns how many."""
    if not api.is_configured():
        return 0
    now = timezone.now()
    with platform_scope("stripe reconciliation"):
        overdue = BillingAccount.objects.filter(
            Q(read_at__isnull=True) | Q(read_at__lt=now - READ_EVERY)
        )
        accounts = list(overdue.select_related("tenant").order_by("read_at", "pk")[:_MAX_AT_ONCE])
        for account in accounts:
            # Once an hour at most, also while Stripe does not answer.
            effects.synchronize(account.tenant, reason=f"reconciliation:{account.pk}:{now:%F-%H}")
    return len(accounts)
