from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_telegram", "0003_inbox_by_bot")]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="pinned_reminder_id",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
