"""Claims jump from tenant to tenant and pass over what is parked. Nothing is parked at first."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("outbox", "0002_list_and_forget")]

    operations = [
        migrations.AddField(
            model_name="outboxitem",
            name="parked",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Not parked"), (1, "Until it is due"), (2, "Behind another item")],
                db_default=0,
                default=0,
            ),
        ),
        AddIndexConcurrently(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("parked", 0), ("status", "PENDING")),
                fields=["tenant", "gate", "lane", "id"],
                name="outbox_ready",
            ),
        ),
        AddIndexConcurrently(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("parked__gt", 0), ("status", "PENDING")),
                fields=["parked", "next_attempt_at"],
                name="outbox_parked",
            ),
        ),
        AddIndexConcurrently(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("lease__isnull", False), ("status", "PENDING")),
                fields=["tenant", "gate"],
                name="outbox_in_flight",
            ),
        ),
        AddIndexConcurrently(
            model_name="outboxitem",
            index=models.Index(
                condition=models.Q(("status", "PENDING")),
                fields=["tenant", "ordering_key", "id"],
                name="outbox_open_by_key",
            ),
        ),
        RemoveIndexConcurrently(model_name="outboxitem", name="outbox_open_by_lane"),
        RemoveIndexConcurrently(model_name="outboxitem", name="outbox_open_in_order"),
    ]
