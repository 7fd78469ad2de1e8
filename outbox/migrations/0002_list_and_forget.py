"""A page of a tenant's items, and all about one conversation, are found by index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outbox", "0001_outbox_items_and_gates")]

    operations = [
        AddIndexConcurrently(
            model_name="outboxitem",
            index=models.Index(fields=["tenant", "-created_at", "-id"], name="outbox_by_time"),
        ),
        AddIndexConcurrently(
            model_name="outboxitem",
            index=models.Index(fields=["tenant", "ordering_key"], name="outbox_by_ordering_key"),
        ),
    ]
