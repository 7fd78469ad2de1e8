"""How much of what is sold a tenant uses. Deleting conversations leaves all of this alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from kernel.ids import new_id
from tenants.models import TenantOwned


class Metered(models.IntegerChoices):
    """What is measured; the number is what rows carry, and never changes."""

    CONVERSATIONS_STARTED = 1, "Conversations started"
    CUSTOMER_MESSAGES = 2, "Messages from customers"
    AGENT_MESSAGES = 3, "Messages from agents"
    FILE_BYTES = 4, "Bytes of files"
    # Of roll-ups only: conversations in which a customer or an agent wrote in that time.
    ACTIVE_CONVERSATIONS = 5, "Active conversations"
    # Of roll-ups only: calls are counted in Redis first.
    API_CALLS = 6, "API calls"
    # Gauges, of roll-ups only: the most that there was.
    MEMBERS = 20, "Members"
    AGENTS = 21, "Agents with a name"
    API_KEYS = 22, "API keys"
    BOTS = 23, "Bots"
    STORAGE_BYTES = 24, "Bytes stored"
    OPEN_CONVERSATIONS = 25, "Open conversations"


class UsageFact(TenantOwned):
    """One thing that was used, written in the transaction that caused it, and never changed.

    The id is that of the message, conversation or file, so that the same one counts once. No
    foreign key: the fact outlives what it is about.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.PositiveSmallIntegerField(choices=Metered)
    conversation_id = models.UUIDField()
    quantity = models.PositiveBigIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "at"], name="usage_fact_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.quantity}"


class RollUp(TenantOwned):
    """Base: how much of one kind there was in a while. Grows only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.PositiveSmallIntegerField(choices=Metered)
    quantity = models.PositiveBigIntegerField()

    class Meta:
        abstract = True


class UsageHour(RollUp):
    """One hour."""

    hour = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "hour", "kind"], name="usage_hour_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.get_kind_display()}"


class UsageDay(RollUp):
    """One day in UTC."""

    day = models.DateField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "day", "kind"], name="usage_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.get_kind_display()}"


class LimitOverride(TenantOwned):
    """A tenant's own number in place of its plan's; without a value there is no such limit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # A `tenants.plan_limits.Limit`.
    limit = models.CharField(max_length=40)
    value = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "limit"], name="limit_override_once")
        ]

    def __str__(self) -> str:
        return self.limit


class LimitReached(TenantOwned):
    """A tenant has come to 80 or 100 % of a limit; noted once in the limit's day or month."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    limit = models.CharField(max_length=40)
    # The first day of the day or month that the limit is about.
    period = models.DateField()
    percent = models.PositiveSmallIntegerField()
    used = models.PositiveBigIntegerField()
    allowed = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "limits reached"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "limit", "period", "percent"], name="limit_reached_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.limit}: {self.percent} %"
