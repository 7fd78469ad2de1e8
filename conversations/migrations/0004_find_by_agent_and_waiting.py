"""Indexes for reminders and for one agent's conversations, built while everything serves."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0003_remind_of_the_waiting")]

    operations = [
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "assigned_agent", "-created_at", "-id"],
                name="conversation_by_agent",
                condition=models.Q(assigned_agent__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "reminders_sent", "waiting_since"],
                name="conversation_to_remind_of",
                condition=models.Q(waiting_since__isnull=False, reminders_sent__lt=2),
            ),
        ),
    ]
