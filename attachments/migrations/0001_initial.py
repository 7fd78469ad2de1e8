"""Files of messages."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0007_message_attachments"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
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
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(max_length=10),
                ),
                ("media_type", models.CharField(max_length=100)),
                ("bytes", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
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
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.message",
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
                    models.Index(fields=["tenant", "conversation"], name="file_by_conversation"),
                    models.Index(fields=["tenant", "message"], name="file_by_message"),
                    models.Index(
                        fields=["tenant", "created_at"], include=("bytes",), name="file_use"
                    ),
                    models.Index(
                        condition=models.Q(("message__isnull", True)),
                        fields=["created_at"],
                        name="file_without_message",
                    ),
                ],
            },
        ),
        IsolateTenant("attachments_storedfile"),
        TenantForeignKey("attachments_storedfile", "conversation_id", "conversations_conversation"),
        TenantForeignKey("attachments_storedfile", "message_id", "conversations_message"),
    ]
