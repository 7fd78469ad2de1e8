"""A file of a message, as far as the database has it. The bytes are in the storage."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.models import Conversation, Message
from kernel.ids import new_capability_id
from tenants.models import TenantOwned


class StoredFile(TenantOwned):
    """A file that takes room of its tenant's.

    The row comes first, then the bytes, then the message: bytes without a row do not exist, and a
    row that got no message is taken away with its bytes.
    """

    id = models.UUIDField(primary_key=True, default=new_capability_id, editable=False)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # None until the message is there.
    message = models.ForeignKey(
        Message,
        on_delete=models.CASCADE,
        null=True,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    name = models.CharField(max_length=120)
    # A FileKind.
    kind = models.CharField(max_length=10)
    media_type = models.CharField(max_length=100)
    bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "conversation"], name="file_by_conversation"),
            models.Index(fields=["tenant", "message"], name="file_by_message"),
            # What a tenant uses, without a look at the rows.
            models.Index(fields=["tenant", "created_at"], include=["bytes"], name="file_use"),
            models.Index(
                fields=["created_at"],
                name="file_without_message",
                condition=models.Q(message__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Where its bytes are in the storage."""
        return f"{self.tenant_id}/{self.pk}"
