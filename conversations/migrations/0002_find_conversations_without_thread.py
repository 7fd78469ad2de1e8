from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_conversations_messages_agents")]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "codename"],
                name="conversation_without_thread",
                condition=models.Q(thread_id__isnull=True),
            ),
        ),
    ]
