from django.db import migrations, models

from tenants.operations import ChangeAllTenantsRows


class Migration(migrations.Migration):
    dependencies = [("channels_telegram", "0002_remember_the_configured_group")]

    operations = [
        migrations.AddField(
            model_name="inboxupdate",
            name="bot_id",
            field=models.BigIntegerField(null=True),
        ),
        ChangeAllTenantsRows(
            "bots of noted updates",
            "UPDATE channels_telegram_inboxupdate noted SET bot_id = channel.bot_id "
            "FROM channels_telegram_telegramchannel channel "
            "WHERE channel.tenant_id = noted.tenant_id AND channel.id = noted.channel_id",
        ),
        migrations.AlterField(
            model_name="inboxupdate",
            name="bot_id",
            field=models.BigIntegerField(),
        ),
        migrations.RemoveConstraint(model_name="inboxupdate", name="inbox_update_once"),
        migrations.AddConstraint(
            model_name="inboxupdate",
            constraint=models.UniqueConstraint(
                fields=["tenant", "channel", "bot_id", "update_id"],
                name="inbox_update_once_per_bot",
            ),
        ),
    ]
