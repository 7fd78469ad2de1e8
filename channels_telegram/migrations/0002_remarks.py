"""Which remark an agent's message has become."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_telegram", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="unsentmessage",
            name="remark_id",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="unsentmessage",
            name="reason",
            field=models.CharField(
                choices=[
                    ("state", "Nobody had claimed, or closed, or blocked"),
                    ("content", "The customer cannot be shown it"),
                    ("command", "A command, which was done"),
                    ("unknown_command", "A command that does not exist"),
                    ("anonymous", "Anonymous admins may not answer"),
                    ("remark", "For colleagues"),
                ],
                max_length=16,
            ),
        ),
    ]
