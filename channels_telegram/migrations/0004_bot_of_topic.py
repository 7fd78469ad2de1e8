"""Which bot posts in a topic, where a group has several."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_telegram", "0003_token_hash"),
    ]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="bot_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
