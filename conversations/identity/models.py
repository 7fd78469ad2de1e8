"""Who a tenant's customers are by its own account, and the keys by which it says so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from kernel.ids import new_id
from tenants.crypto.sealed_fields import SealedTextField
from tenants.models import TenantOwned

MAX_SUBJECT = 255
MAX_PERSON_NAME = 100
MAX_EMAIL = 254
MAX_PHONE = 32


class IdentityKey(TenantOwned):
    """What verifies a tenant's identity tokens; several at once while the tenant rotates."""

    class Algorithm(models.TextChoices):
        """Of JWT."""

        HS256 = "HS256", "HS256: a shared secret"
        ES256 = "ES256", "ES256: the public half of a key pair"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    algorithm = models.CharField(max_length=5, choices=Algorithm)
    # For HS256.
    secret_sealed = SealedTextField(place=("identity_key", "secret"), blank=True)
    # For ES256, in PEM.
    public_key = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="identity_key_newest")
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.pk}"


class Person(TenantOwned):
    """A customer whom the tenant's own accounts know, as of their newest identity token.

    Goes with the last of their conversations, an hour later at the most.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The tenant's own name for them.
    subject = models.CharField(max_length=MAX_SUBJECT)
    name = models.CharField(max_length=MAX_PERSON_NAME, blank=True)
    email = models.CharField(max_length=MAX_EMAIL, blank=True)
    phone = models.CharField(max_length=MAX_PHONE, blank=True)
    attributes = models.JSONField(default=dict)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "id"], name="person_in_tenant"),
            models.UniqueConstraint(fields=["tenant", "subject"], name="person_once_per_tenant"),
        ]

    def __str__(self) -> str:
        return self.name or self.subject
