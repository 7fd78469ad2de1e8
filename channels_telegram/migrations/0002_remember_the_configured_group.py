from django.db import migrations, models

COPY = """
    SELECT set_config('app.platform', 'migration: configured group', true);
    UPDATE channels_telegram_telegramchannel SET configured_chat_id = chat_id;
"""


class Migration(migrations.Migration):
    dependencies = [("channels_telegram", "0001_channels_topics_inbox")]

    operations = [
        migrations.AddField(
            model_name="telegramchannel",
            name="configured_chat_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="telegramchannel",
            name="configured_chat_id",
            field=models.BigIntegerField(),
        ),
    ]
