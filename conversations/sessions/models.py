"""A customer's browser, known by the public half of a key that stays in it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from conversations.identity.models import Person
from conversations.models import Conversation
from kernel.ids import new_capability_id
from tenants.models import TenantOwned


class EndReason(models.TextChoices):
    """Why a session has ended; the values are on the wire."""

    FORGOTTEN = "forgotten", "Forgotten by the customer"
    REVOKED = "revoked", "Ended by the team"
    BLOCKED = "blocked", "The conversation was blocked"
    ERASED = "erased", "The conversation was deleted"
    REPLACED = "replaced", "Too many of the conversation"
    EXPIRED = "expired", "Not used for too long"


class Session(TenantOwned):
    """A browser that may come back to one conversation until it ends or expires."""

    id = models.UUIDField(primary_key=True, default=new_capability_id, editable=False)
    # None once the conversation is deleted: then nothing else is left of the customer here either.
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.SET_NULL,
        null=True,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # Whom the tenant's server named when it began; None for nobody in particular.
    person = models.ForeignKey(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # A point of P-256, uncompressed (SEC 1).
    public_key = models.BinaryField(max_length=65)
    # Of the page that began it, as browsers send it; empty for a program that sent none.
    origin = models.CharField(max_length=300, blank=True)
    # In words, for agents.
    device = models.CharField(max_length=60, blank=True)
    # Challenges that have been answered lately, each of which is good once.
    used_challenges = ArrayField(models.UUIDField(), default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "conversation", "-created_at"], name="session_newest"),
            models.Index(fields=["expires_at"], name="session_expired"),
            # For the person's own deletion, which leaves their sessions to nobody.
            models.Index(
                fields=["tenant", "person"],
                name="session_by_person",
                condition=models.Q(person__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.device or str(self.pk)

    def end_reason_at(self, now: datetime) -> EndReason | None:
        """Why it cannot be used at this moment; None while it can."""
        if self.ended_at is not None:
            return EndReason(self.end_reason)
        return EndReason.EXPIRED if self.expires_at <= now else None
