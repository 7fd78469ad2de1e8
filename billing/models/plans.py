"""What is sold, and to whom."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Value
from django.utils import timezone

from kernel.ids import new_id
from tenants.models import TenantOwned
from tenants.plan_limits import Grace

GRACES = [
    (Grace.NONE.value, "None"),
    (Grace.TEN_PERCENT.value, "Ten percent more"),
    (Grace.THREE_DAYS.value, "Three days"),
]


class Plan(models.Model):
    """A bundle of limits that staff give to tenants; the platform's own, no tenant's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Names the plan for programs; never changes.
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    # Bucket → {"points", "duration_seconds"}; a bucket that is missing is not limited by the plan.
    rate_limits: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    # None: as many as they like.
    max_members = models.PositiveIntegerField(null=True, blank=True)
    max_agents = models.PositiveIntegerField(null=True, blank=True)
    max_api_keys = models.PositiveIntegerField("max API keys", null=True, blank=True)
    max_bots = models.PositiveIntegerField(null=True, blank=True)
    max_starts_per_day = models.PositiveBigIntegerField(null=True, blank=True)
    max_messages_per_month = models.PositiveBigIntegerField(null=True, blank=True)
    max_active_conversations = models.PositiveBigIntegerField(null=True, blank=True)
    max_storage_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    max_api_calls_per_month = models.PositiveBigIntegerField(
        "max API calls per month", null=True, blank=True
    )
    # The limits of use that refuse; the others only warn. Seats always refuse one more.
    hard_limits: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, db_default=Value([], models.JSONField())
    )
    grace = models.CharField(
        max_length=16, choices=GRACES, default=Grace.NONE.value, db_default=Grace.NONE.value
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["code"]

    def __str__(self) -> str:
        return self.name


class Subscription(TenantOwned):
    """Which plan a tenant has; without one nothing but the platform's own limits holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant"], name="subscription_once_per_tenant")
        ]

    def __str__(self) -> str:
        return str(self.plan)
