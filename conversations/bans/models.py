"""Marks of customers who may not begin a conversation anew."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tenants.models import TenantOwned


class Ban(TenantOwned):
    """One mark of a banned customer: the keyed hash of a browser's key or of a network's address.

    It outlives its conversation, which it names so that it can be lifted, and says nothing of it.
    """

    id = models.BigAutoField(primary_key=True)
    mark = models.CharField(max_length=64)
    conversation_id = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "conversation_id", "mark"], name="ban_mark_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "mark"], name="ban_by_mark"),
            models.Index(fields=["expires_at"], name="ban_expired"),
        ]

    def __str__(self) -> str:
        return f"until {self.expires_at}"
