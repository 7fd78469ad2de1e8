"""The API keys of the tenants."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from kernel.ids import new_id
from tenants.api_keys.key_format import START
from tenants.models import TenantOwned


class ApiKey(TenantOwned):
    """A secret of one of the tenant's servers. Only its hash is kept; rows are never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    # Known to everybody who sees the list; the row is found by it before any tenant is known.
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by_kind = models.CharField(max_length=16)
    created_by_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Enforced by the database together with the tenant: see the migration.
    replaced_by = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # At most a minute behind.
    last_used_at = models.DateTimeField(null=True, blank=True)
    # Calls in one window of the bucket `api_key`; None: as the tenant's other keys; 0: no limit.
    rate_limit_points = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        app_label = "tenants"
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "id"], name="api_key_in_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown})"

    @property
    def shown(self) -> str:
        """What may be shown of the key itself."""
        return f"{START}{self.prefix}_…"

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether calls with this key are let in at that moment."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)
