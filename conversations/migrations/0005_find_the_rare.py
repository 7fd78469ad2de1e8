"""Rare languages, what nobody has, and expired tokens: found without a walk through the rest."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0004_find_by_agent_and_waiting")]

    operations = [
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "locale", "-created_at", "-id"], name="conversation_by_locale"
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "-created_at", "-id"],
                name="conversation_of_nobody",
                condition=models.Q(assigned_agent__isnull=True),
            ),
        ),
        AddIndexConcurrently(
            model_name="usedsockettoken",
            index=models.Index(fields=["expires_at"], name="socket_token_expired"),
        ),
    ]
