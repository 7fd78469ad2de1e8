"""What agents often answer."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("templates_i18n", "0001_initial"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedReply",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=32)),
                (
                    "locale",
                    models.CharField(default="default", max_length=35, verbose_name="language"),
                ),
                ("text", models.TextField(max_length=3000)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
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
                "verbose_name": "saved reply",
                "verbose_name_plural": "saved replies",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "name", "locale"), name="saved_reply_once_per_locale"
                    )
                ],
            },
        ),
        IsolateTenant("templates_i18n_savedreply"),
    ]
