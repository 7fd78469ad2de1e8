"""Sessions of browsers that come back."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0001_initial"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_capability_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("public_key", models.BinaryField(max_length=65)),
                ("origin", models.CharField(blank=True, max_length=300)),
                ("device", models.CharField(blank=True, max_length=60)),
                (
                    "used_challenges",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("last_used_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("forgotten", "Forgotten by the customer"),
                            ("revoked", "Ended by the team"),
                            ("blocked", "The conversation was blocked"),
                            ("erased", "The conversation was deleted"),
                            ("replaced", "Too many of the conversation"),
                            ("expired", "Not used for too long"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
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
                "indexes": [
                    models.Index(
                        fields=["tenant", "conversation", "-created_at"], name="session_newest"
                    ),
                    models.Index(fields=["expires_at"], name="session_expired"),
                ],
            },
        ),
        IsolateTenant("conversations_session"),
        TenantForeignKey(
            "conversations_session",
            "conversation_id",
            "conversations_conversation",
            "SET NULL (conversation_id)",
        ),
    ]
