"""Languages that hardly anybody speaks, and what nobody has, found without a walk through all."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
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
                fields=["tenant", "assigned_agent", "-created_at", "-id"],
                name="conversation_by_holder",
            ),
        ),
        RemoveIndexConcurrently(model_name="conversation", name="conversation_by_agent"),
    ]
