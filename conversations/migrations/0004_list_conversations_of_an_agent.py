from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_remind_of_the_waiting")]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "assigned_agent", "-created_at", "-id"],
                name="conversation_by_agent",
                condition=models.Q(assigned_agent__isnull=False),
            ),
        ),
    ]
