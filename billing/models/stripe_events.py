"""What Stripe has sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class StripeEvent(models.Model):
    """One event as it came; the platform's own, since whose it is must be found out first.

    Written once, in the transaction that also enqueues what is to be done about it.
    """

    class Outcome(models.TextChoices):
        QUEUED = "queued", "Acted on by the worker"
        KEPT = "kept", "Kept: nothing to do"
        UNMATCHED = "unmatched", "Of a customer that no tenant has"
        WRONG_MODE = "wrong_mode", "Of Stripe's other mode (test or live)"

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=100)
    outcome = models.CharField(max_length=16, choices=Outcome)
    customer_id = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=255, blank=True)
    api_version = models.CharField(max_length=64, blank=True)
    # When Stripe made it.
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    # As it was signed: JSON can spell what the database cannot keep in a value.
    body = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-received_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["received_at"], name="stripe_event_by_age")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
