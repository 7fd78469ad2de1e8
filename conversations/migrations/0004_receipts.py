"""What the other side has got and seen, as four numbers of a conversation.

Columns with a constant default: the table is not rewritten, however full it is.
"""

from django.db import migrations, models


def _receipt(name: str) -> migrations.AddField:
    return migrations.AddField(
        model_name="conversation",
        name=name,
        field=models.PositiveIntegerField(db_default=0, default=0),
    )


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_remarks")]

    operations = [
        _receipt("agents_delivered_seq"),
        _receipt("agents_seen_seq"),
        _receipt("customer_delivered_seq"),
        _receipt("customer_seen_seq"),
    ]
