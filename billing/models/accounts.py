"""A tenant as a customer of the platform."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from billing.subscriptions.states import State
from kernel.ids import new_id
from tenants.models import TenantOwned


class BillingAccount(TenantOwned):
    """What Stripe last said about a tenant; a tenant that never paid by Stripe has none.

    Written under the lock of the tenant (`configuration.hold`), and only from what was read of
    Stripe: an event is a reason to read, never the source.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer_id = models.CharField(max_length=64, unique=True)
    subscription_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.NONE)
    # Since when it has been in this state, as far as we know.
    state_since = models.DateTimeField(default=timezone.now)
    # The price that is paid; its name tells the plan: `states.plan_of`.
    lookup_key = models.CharField(max_length=200, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    current_period_end = models.DateTimeField(null=True, blank=True)
    trial_end = models.DateTimeField(null=True, blank=True)
    # When it ends without another word; None: it goes on.
    cancel_at = models.DateTimeField(null=True, blank=True)
    # From this moment on customers can only read; None: never.
    read_only_from = models.DateTimeField(null=True, blank=True)
    # What a person of the platform has to look at; empty: nothing.
    problem = models.CharField(max_length=300, blank=True)
    # The page at Stripe where the tenant was last sent to pay.
    checkout_id = models.CharField(max_length=255, blank=True, db_default="")
    # When Stripe was last read.
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant"], name="billing_account_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.customer_id
