"""What a plan costs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from kernel.ids import new_id


class Interval(models.TextChoices):
    """How often it is paid; Stripe's words."""

    MONTH = "month", "Each month"
    YEAR = "year", "Each year"


class PlanPrice(models.Model):
    """A price of a plan; the platform's own. Stripe learns it by `manage.py stripe_catalogue`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey("billing.Plan", on_delete=models.CASCADE, related_name="prices")
    interval = models.CharField(max_length=8, choices=Interval)
    # Three small letters, as Stripe writes it.
    currency = models.CharField(max_length=3)
    # In the currency's smallest unit: 1900 are 19 euros.
    amount = models.PositiveIntegerField()
    # Of a tenant's first subscription; 0: none.
    trial_days = models.PositiveSmallIntegerField(default=0)
    # Whether tenants can buy it; who has it already keeps it.
    is_offered = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["plan__code", "interval"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["plan", "interval"], name="plan_price_once")
        ]

    def __str__(self) -> str:
        return self.lookup_key

    @property
    def lookup_key(self) -> str:
        """What it is called at Stripe; a subscription's plan is known by it."""
        return f"{self.plan.code}:{self.interval}"
