"""What is known about the customer of one conversation beside their words."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from conversations.identity.models import Person
from conversations.models import Conversation
from kernel.ids import new_id
from tenants.models import TenantOwned

MAX_ADDRESS = 2048
MAX_TIME_ZONE = 64


class Visitor(TenantOwned):
    """As the browser has last told it; goes with its conversation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # Web addresses in the form of `page_reports`; empty where not said.
    first_page = models.CharField(max_length=MAX_ADDRESS, blank=True)
    referrer = models.CharField(max_length=MAX_ADDRESS, blank=True)
    page = models.CharField(max_length=MAX_ADDRESS, blank=True)
    page_at = models.DateTimeField(default=timezone.now)
    # In words, as a session's.
    device = models.CharField(max_length=60, blank=True)
    # An IANA name.
    time_zone = models.CharField(max_length=MAX_TIME_ZONE, blank=True)
    # What the page has passed: short texts, numbers and booleans by name.
    attributes = models.JSONField(default=dict)
    # Of the network; empty unless the tenant wants it stored.
    ip_address = models.GenericIPAddressField(null=True, blank=True)

    # By the word of the tenant's server; None for a visitor whom it does not name.
    person = models.ForeignKey(
        Person,
        on_delete=models.SET_NULL,
        null=True,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "conversation"], name="visitor_once_per_conversation"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant", "person"],
                name="visitor_by_person",
                condition=models.Q(person__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.page or str(self.pk)
