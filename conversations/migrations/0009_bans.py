"""Who may not begin a conversation anew, and from where conversations come, as keyed hashes."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from tenants.operations import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0008_deleted_messages"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="network_mark",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.CreateModel(
            name="Ban",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("mark", models.CharField(max_length=64)),
                ("conversation_id", models.UUIDField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
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
                        fields=("tenant", "conversation_id", "mark"), name="ban_mark_once"
                    )
                ],
                "indexes": [
                    models.Index(fields=["tenant", "mark"], name="ban_by_mark"),
                    models.Index(fields=["expires_at"], name="ban_expired"),
                ],
            },
        ),
        IsolateTenant("conversations_ban"),
    ]
