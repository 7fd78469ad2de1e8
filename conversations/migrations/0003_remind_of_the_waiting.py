from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0002_find_conversations_without_thread")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="reminders_sent",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "reminders_sent", "waiting_since"],
                name="conversation_to_remind_of",
                condition=models.Q(waiting_since__isnull=False, reminders_sent__lt=2),
            ),
        ),
    ]
