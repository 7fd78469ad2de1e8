"""The invitations of the tenants."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from kernel.ids import new_id
from tenants.models import Member, TenantOwned


class Invitation(TenantOwned):
    """One person may join with a role, once. Of the link only a hash is kept; rows stay."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # In lower case, as accounts are.
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Member.Role)
    token_hash = models.CharField(max_length=64)
    invited_by_kind = models.CharField(max_length=16)
    invited_by_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "tenants"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "tenant",
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="invitation_newest")
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_role_display()})"

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether its link lets a person in at that moment."""
        is_open = self.accepted_at is None and self.revoked_at is None
        return is_open and moment < self.expires_at
