"""A bot serves a group in one workspace: by its token, and no longer by its id alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_telegram", "0002_remarks"),
    ]

    operations = [
        migrations.AddField(
            model_name="telegramchannel",
            name="bot_token_hash",
            field=models.CharField(db_default="", editable=False, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="telegramchannel",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("chat_id__lt", 0), models.Q(("bot_token_hash", ""), _negated=True)
                ),
                fields=("bot_token_hash", "chat_id"),
                name="channel_token_and_chat_once",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="telegramchannel",
            name="channel_bot_and_chat_once",
        ),
    ]
