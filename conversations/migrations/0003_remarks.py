"""What agents say to each other about a conversation."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0002_sessions"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="Remark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="conversations.agent",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remarks",
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
                        fields=["tenant", "conversation", "created_at", "id"],
                        name="remark_in_conversation",
                    ),
                    models.Index(
                        condition=models.Q(("agent__isnull", False)),
                        fields=["tenant", "agent"],
                        name="remark_by_agent",
                    ),
                ],
            },
        ),
        IsolateTenant("conversations_remark"),
        TenantForeignKey("conversations_remark", "conversation_id", "conversations_conversation"),
        TenantForeignKey(
            "conversations_remark", "agent_id", "conversations_agent", "SET NULL (agent_id)"
        ),
    ]
