import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("templates_i18n", "0001_message_templates"),
    ]

    operations = [
        migrations.CreateModel(
            name="Translation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "locale",
                    models.CharField(default="default", max_length=35, verbose_name="language"),
                ),
                ("key", models.CharField(max_length=80, verbose_name="string")),
                ("text", models.TextField(max_length=500)),
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
                "verbose_name": "widget text",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "locale", "key"), name="translation_once_per_locale"
                    )
                ],
            },
        ),
        IsolateTenant("templates_i18n_translation"),
        migrations.AlterModelOptions(
            name="messagetemplate", options={"verbose_name": "message text"}
        ),
        migrations.AlterField(
            model_name="messagetemplate",
            name="locale",
            field=models.CharField(default="default", max_length=35, verbose_name="language"),
        ),
    ]
