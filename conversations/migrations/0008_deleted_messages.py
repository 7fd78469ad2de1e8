"""When a message was deleted; its words and files go, and its number stays."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_message_attachments")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="deleted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
