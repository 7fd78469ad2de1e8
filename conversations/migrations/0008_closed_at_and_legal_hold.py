"""When a conversation was closed, and whether a legal hold keeps it; at once, whatever the size."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_index_words")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="conversation",
            name="legal_hold_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="conversation",
            name="legal_hold_reason",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
    ]
