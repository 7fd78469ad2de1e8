"""What Stripe has sent, and what it says about each tenant."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_usage"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="StripeEvent",
            fields=[
                ("id", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=100)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("queued", "Acted on by the worker"),
                            ("kept", "Kept: nothing to do"),
                            ("unmatched", "Of a customer that no tenant has"),
                            ("wrong_mode", "Of Stripe's other mode (test or live)"),
                        ],
                        max_length=16,
                    ),
                ),
                ("customer_id", models.CharField(blank=True, max_length=64)),
                ("object_id", models.CharField(blank=True, max_length=255)),
                ("api_version", models.CharField(blank=True, max_length=64)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("body", models.TextField()),
            ],
            options={
                "ordering": ["-received_at"],
                "indexes": [models.Index(fields=["received_at"], name="stripe_event_by_age")],
            },
        ),
        migrations.CreateModel(
            name="BillingAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("customer_id", models.CharField(max_length=64, unique=True)),
                ("subscription_id", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("none", "No subscription"),
                            ("trialing", "On trial"),
                            ("active", "Paid"),
                            ("past_due", "Payment has failed"),
                            ("unpaid", "Not paid"),
                            ("paused", "Paused"),
                            ("canceled", "Ended"),
                        ],
                        default="none",
                        max_length=16,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("lookup_key", models.CharField(blank=True, max_length=200)),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("current_period_end", models.DateTimeField(blank=True, null=True)),
                ("trial_end", models.DateTimeField(blank=True, null=True)),
                ("cancel_at", models.DateTimeField(blank=True, null=True)),
                ("read_only_from", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
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
                    models.UniqueConstraint(
                        fields=("tenant",), name="billing_account_once_per_tenant"
                    )
                ],
            },
        ),
        IsolateTenant("billing_billingaccount"),
    ]
