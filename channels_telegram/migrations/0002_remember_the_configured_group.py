from django.db import migrations, models

from tenants.operations import ChangeAllTenantsRows


class Migration(migrations.Migration):
    dependencies = [("channels_telegram", "0001_channels_topics_inbox")]

    operations = [
        migrations.AddField(
            model_name="telegramchannel",
            name="configured_chat_id",
            field=models.BigIntegerField(null=True),
        ),
        ChangeAllTenantsRows(
            "configured telegram groups",
            "UPDATE channels_telegram_telegramchannel SET configured_chat_id = chat_id",
        ),
        migrations.AlterField(
            model_name="telegramchannel",
            name="configured_chat_id",
            field=models.BigIntegerField(),
        ),
    ]
