"""Idempotent responses, as they are stored."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone

from kernel.ids import new_id
from tenants.crypto.sealed_fields import SealedTextField
from tenants.models import TenantOwned

PLACE = ("tenants_idempotentresponse", "sealed_body")


class IdempotentResponse(TenantOwned):
    """The response to a writing call, under the idempotency key of its caller.

    The body is sealed: it can hold a secret that is shown only once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The API key that called: two keys of a tenant may choose the same word.
    caller_id: "models.UUIDField[UUID, UUID]" = models.UUIDField()
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    sealed_body = SealedTextField(place=PLACE, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        app_label = "tenants"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "caller_id", "idempotency_key"], name="idempotent_response_once"
            )
        ]

    def __str__(self) -> str:
        return self.idempotency_key
