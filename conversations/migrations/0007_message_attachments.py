"""What is shown of a message's files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0006_identity")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="attachments",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
