"""Indexes for retention and for legal holds, built while everything serves."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0009_date_the_closed")]

    operations = [
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "closed_at"],
                name="conversation_to_delete",
                condition=models.Q(status="CLOSED", legal_hold_since__isnull=True),
            ),
        ),
        AddIndexConcurrently(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "-created_at", "-id"],
                name="conversation_on_legal_hold",
                condition=models.Q(legal_hold_since__isnull=False),
            ),
        ),
    ]
