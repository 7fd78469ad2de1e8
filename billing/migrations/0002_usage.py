"""Usage: facts, roll-ups, limits of use and who has come to them."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="grace",
            field=models.CharField(
                choices=[
                    ("none", "None"),
                    ("ten_percent", "Ten percent more"),
                    ("three_days", "Three days"),
                ],
                db_default="none",
                default="none",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="hard_limits",
            field=models.JSONField(
                blank=True, db_default=models.Value([], models.JSONField()), default=list
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="max_active_conversations",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="plan",
            name="max_api_calls_per_month",
            field=models.PositiveBigIntegerField(
                blank=True, null=True, verbose_name="max API calls per month"
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="max_bots",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="plan",
            name="max_messages_per_month",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="plan",
            name="max_starts_per_day",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="plan",
            name="max_storage_bytes",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="LimitOverride",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("limit", models.CharField(max_length=40)),
                ("value", models.PositiveBigIntegerField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
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
                    models.UniqueConstraint(fields=("tenant", "limit"), name="limit_override_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="LimitReached",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("limit", models.CharField(max_length=40)),
                ("period", models.DateField()),
                ("percent", models.PositiveSmallIntegerField()),
                ("used", models.PositiveBigIntegerField()),
                ("allowed", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
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
                "verbose_name_plural": "limits reached",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "limit", "period", "percent"), name="limit_reached_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Conversations started"),
                            (2, "Messages from customers"),
                            (3, "Messages from agents"),
                            (4, "Bytes of files"),
                            (5, "Active conversations"),
                            (6, "API calls"),
                            (20, "Members"),
                            (21, "Agents with a name"),
                            (22, "API keys"),
                            (23, "Bots"),
                            (24, "Bytes stored"),
                            (25, "Open conversations"),
                        ]
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("day", models.DateField()),
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
                    models.UniqueConstraint(fields=("tenant", "day", "kind"), name="usage_day_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageFact",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Conversations started"),
                            (2, "Messages from customers"),
                            (3, "Messages from agents"),
                            (4, "Bytes of files"),
                            (5, "Active conversations"),
                            (6, "API calls"),
                            (20, "Members"),
                            (21, "Agents with a name"),
                            (22, "API keys"),
                            (23, "Bots"),
                            (24, "Bytes stored"),
                            (25, "Open conversations"),
                        ]
                    ),
                ),
                ("conversation_id", models.UUIDField()),
                ("quantity", models.PositiveBigIntegerField(default=1)),
                ("at", models.DateTimeField()),
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
                "indexes": [models.Index(fields=["tenant", "at"], name="usage_fact_by_time")],
            },
        ),
        migrations.CreateModel(
            name="UsageHour",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Conversations started"),
                            (2, "Messages from customers"),
                            (3, "Messages from agents"),
                            (4, "Bytes of files"),
                            (5, "Active conversations"),
                            (6, "API calls"),
                            (20, "Members"),
                            (21, "Agents with a name"),
                            (22, "API keys"),
                            (23, "Bots"),
                            (24, "Bytes stored"),
                            (25, "Open conversations"),
                        ]
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("hour", models.DateTimeField()),
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
                    models.UniqueConstraint(
                        fields=("tenant", "hour", "kind"), name="usage_hour_once"
                    )
                ],
            },
        ),
        IsolateTenant("billing_usagefact"),
        IsolateTenant("billing_usagehour"),
        IsolateTenant("billing_usageday"),
        IsolateTenant("billing_limitoverride"),
        IsolateTenant("billing_limitreached"),
    ]
