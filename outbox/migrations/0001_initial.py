"""Outbox items, and channels on hold."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from tenants.operations import IsolateTenant


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0002_scope_proofs"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutboxHold",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=80)),
                ("held_until", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "channel"), name="outbox_hold_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=48)),
                ("payload", models.JSONField(default=dict)),
                ("ordering_key", models.CharField(max_length=80)),
                ("idempotency_key", models.CharField(max_length=120)),
                ("channel", models.CharField(blank=True, max_length=80)),
                (
                    "lane",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (10, "Agent's action"),
                            (20, "Customer's message"),
                            (30, "Topic creation"),
                            (40, "Cosmetic"),
                        ]
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("DONE", "Done"),
                            ("DEAD", "Dead"),
                            ("DISCARDED", "Discarded"),
                        ],
                        default="PENDING",
                        max_length=12,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lease", models.UUIDField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "parked",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Not parked"),
                            (1, "Until it is due"),
                            (2, "Behind another item"),
                        ],
                        db_default=0,
                        default=0,
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("request_id", models.CharField(blank=True, max_length=128)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("parked", 0), ("status", "PENDING")),
                        fields=["tenant", "channel", "lane", "id"],
                        name="outbox_ready",
                    ),
                    models.Index(
                        condition=models.Q(("parked__gt", 0), ("status", "PENDING")),
                        fields=["parked", "next_attempt_at"],
                        name="outbox_parked",
                    ),
                    models.Index(
                        condition=models.Q(("lease__isnull", False), ("status", "PENDING")),
                        fields=["tenant", "channel"],
                        name="outbox_in_flight",
                    ),
                    models.Index(
                        condition=models.Q(("status", "PENDING")),
                        fields=["tenant", "ordering_key", "id"],
                        name="outbox_open_by_key",
                    ),
                    models.Index(fields=["tenant", "status", "-id"], name="outbox_newest"),
                    models.Index(fields=["tenant", "-created_at", "-id"], name="outbox_by_time"),
                    models.Index(fields=["tenant", "ordering_key"], name="outbox_by_ordering_key"),
                    models.Index(
                        condition=models.Q(("finished_at__isnull", False)),
                        fields=["finished_at"],
                        name="outbox_finished",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "idempotency_key"), name="outbox_enqueued_once"
                    )
                ],
            },
        ),
        IsolateTenant("outbox_outboxitem"),
        IsolateTenant("outbox_outboxhold"),
    ]
