"""Effects outside of the database, stored in the transaction that causes them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tenants.models import TenantOwned


class Lane(models.IntegerChoices):
    """What people feel first: a lower lane leaves earlier when a budget is short."""

    AGENT_ACTION = 10, "Agent's action"
    CUSTOMER_MESSAGE = 20, "Customer's message"
    TOPIC = 30, "Topic creation"
    COSMETIC = 40, "Cosmetic"


class Parked(models.IntegerChoices):
    """Why claims pass an item over without reading it; see outbox/parking.py."""

    NO = 0, "Not parked"
    UNTIL_DUE = 1, "Until it is due"
    BEHIND_ANOTHER = 2, "Behind another item"


class OutboxItem(TenantOwned):
    """One effect to deliver.

    Items that share an `ordering_key` leave strictly one after another, by id. Their ids follow the
    order of their commits because whoever adds them holds the lock of the row they are about (the
    conversation's); producers without such a lock must use a key of their own.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", "Pending"
        DONE = "DONE", "Done"
        DEAD = "DEAD", "Dead"
        DISCARDED = "DISCARDED", "Discarded"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=48)
    payload = models.JSONField(default=dict)
    ordering_key = models.CharField(max_length=80)
    # Two effects with the same key are one effect.
    idempotency_key = models.CharField(max_length=120)
    # Whose rate limit this item uses up; it waits while the channel is on hold.
    channel = models.CharField(max_length=80, blank=True)
    lane = models.PositiveSmallIntegerField(choices=Lane)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    # Also the end of the lease while an attempt is running: see `lease`.
    next_attempt_at = models.DateTimeField(default=timezone.now)
    # Whose attempt is running; an outcome counts only under the lease that it was made under.
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    # Only saves reading: what may be claimed is decided without it.
    parked = models.PositiveSmallIntegerField(choices=Parked, default=Parked.NO, db_default=0)
    # Pointless after this moment, such as the answer to a pressed button.
    expires_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    # Whether it had become pointless when it was claimed, by the database's clock.
    has_expired = False

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "idempotency_key"], name="outbox_enqueued_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            # A claim jumps through it: from tenant to tenant, channel to channel, lane to lane.
            models.Index(
                fields=["tenant", "channel", "lane", "id"],
                name="outbox_ready",
                condition=models.Q(status="PENDING", parked=0),
            ),
            models.Index(
                fields=["parked", "next_attempt_at"],
                name="outbox_parked",
                condition=models.Q(status="PENDING", parked__gt=0),
            ),
            models.Index(
                fields=["tenant", "channel"],
                name="outbox_in_flight",
                condition=models.Q(status="PENDING", lease__isnull=False),
            ),
            models.Index(
                fields=["tenant", "ordering_key", "id"],
                name="outbox_open_by_key",
                condition=models.Q(status="PENDING"),
            ),
            models.Index(fields=["tenant", "status", "-id"], name="outbox_newest"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="outbox_by_time"),
            # Finished ones too: who is forgotten is forgotten here as well.
            models.Index(fields=["tenant", "ordering_key"], name="outbox_by_ordering_key"),
            models.Index(
                fields=["finished_at"],
                name="outbox_finished",
                condition=models.Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class OutboxHold(TenantOwned):
    """A channel on hold: its items wait until a moment, for a stated reason.

    Durable, so that a penalty survives restarts and binds all workers.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=80)
    held_until = models.DateTimeField()
    # Empty while a rate limit refills by itself; otherwise what a person has to mend.
    reason = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "channel"], name="outbox_hold_once")
        ]

    def __str__(self) -> str:
        return self.channel
