"""How many reminders the agents have had; at once, whatever the size of the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0002_find_conversations_without_thread")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="reminders_sent",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
