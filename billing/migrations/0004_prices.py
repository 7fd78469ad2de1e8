"""What plans cost, and where a tenant was sent to pay."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_stripe"),
    ]

    operations = [
        migrations.AddField(
            model_name="billingaccount",
            name="checkout_id",
            field=models.CharField(blank=True, db_default="", max_length=255),
        ),
        migrations.CreateModel(
            name="PlanPrice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "interval",
                    models.CharField(
                        choices=[("month", "Each month"), ("year", "Each year")], max_length=8
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.PositiveIntegerField()),
                ("trial_days", models.PositiveSmallIntegerField(default=0)),
                ("is_offered", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="billing.plan",
                    ),
                ),
            ],
            options={
                "ordering": ["plan__code", "interval"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "interval"), name="plan_price_once")
                ],
            },
        ),
    ]
