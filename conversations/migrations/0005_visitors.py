"""What browsers tell about visitors."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0004_receipts"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visitor",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("first_page", models.CharField(blank=True, max_length=2048)),
                ("referrer", models.CharField(blank=True, max_length=2048)),
                ("page", models.CharField(blank=True, max_length=2048)),
                ("page_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("device", models.CharField(blank=True, max_length=60)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("attributes", models.JSONField(default=dict)),
                ("ip_address", models.GenericIPAddressField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.conversation",
                    ),
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
                        fields=("tenant", "conversation"), name="visitor_once_per_conversation"
                    )
                ],
            },
        ),
        IsolateTenant("conversations_visitor"),
        TenantForeignKey("conversations_visitor", "conversation_id", "conversations_conversation"),
    ]
