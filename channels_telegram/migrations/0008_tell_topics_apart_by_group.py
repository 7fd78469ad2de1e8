import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from tenants.operations import ChangeAllTenantsRows, IsolateTenant, TenantForeignKey


def tenant_field() -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="tenants.tenant",
    )


def parent_field(model: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("channels_telegram", "0007_remember_webhook_origin"),
        ("conversations", "0001_conversations_messages_agents"),
        ("tenants", "0001_tenants_members_settings"),
    ]

    operations = [
        migrations.AddField(
            model_name="telegramchannel",
            name="is_token_refused",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RemoveConstraint(model_name="telegramchannel", name="channel_bot_and_chat_once"),
        migrations.AddConstraint(
            model_name="telegramchannel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("chat_id__lt", 0)),
                fields=("bot_id", "chat_id"),
                name="channel_bot_and_chat_once",
            ),
        ),
        migrations.AddField(
            model_name="topic", name="chat_id", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="topic", name="thread_id", field=models.BigIntegerField(null=True)
        ),
        ChangeAllTenantsRows(
            "groups of topics",
            "UPDATE channels_telegram_topic topic "
            "SET chat_id = channel.chat_id, thread_id = shown.thread_id "
            "FROM conversations_conversation shown "
            "JOIN channels_telegram_telegramchannel channel "
            "ON channel.tenant_id = shown.tenant_id AND channel.id = shown.channel_id "
            "WHERE shown.tenant_id = topic.tenant_id AND shown.id = topic.conversation_id "
            "AND shown.thread_id IS NOT NULL",
        ),
        migrations.CreateModel(
            name="FormerTopic",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("chat_id", models.BigIntegerField()),
                ("thread_id", models.BigIntegerField()),
                ("ended_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("channel", parent_field("channels_telegram.telegramchannel")),
                ("conversation", parent_field("conversations.conversation")),
                ("tenant", tenant_field()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["ended_at"], name="former_topic_by_age"),
                    models.Index(
                        fields=["tenant", "conversation"], name="former_topic_by_conversation"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "channel", "chat_id", "thread_id"),
                        name="former_topic_once",
                    )
                ],
            },
        ),
        IsolateTenant("channels_telegram_formertopic"),
        TenantForeignKey(
            "channels_telegram_formertopic", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_formertopic", "channel_id", "channels_telegram_telegramchannel"
        ),
    ]
