import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from tenants.operations import IsolateTenant, TenantForeignKey


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
        ("channels_telegram", "0005_know_the_bots_standing"),
        ("conversations", "0001_conversations_messages_agents"),
        ("tenants", "0001_tenants_members_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="TopicNotice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=64)),
                ("posted_at", models.DateTimeField()),
                ("conversation", parent_field("conversations.conversation")),
                ("tenant", tenant_field()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "conversation", "kind"), name="topic_notice_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UnsentMessage",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("chat_id", models.BigIntegerField()),
                ("telegram_message_id", models.BigIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("state", "Nobody had claimed, or closed, or blocked"),
                            ("content", "The customer cannot be shown it"),
                            ("command", "A command, which was done"),
                            ("unknown_command", "A command that does not exist"),
                            ("anonymous", "Anonymous admins may not answer"),
                        ],
                        max_length=16,
                    ),
                ),
                ("words_hash", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("channel", parent_field("channels_telegram.telegramchannel")),
                ("conversation", parent_field("conversations.conversation")),
                ("tenant", tenant_field()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["received_at"], name="unsent_message_by_age"),
                    models.Index(fields=["tenant", "conversation"], name="unsent_by_conversation"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "channel", "chat_id", "telegram_message_id"),
                        name="unsent_message_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StrayTopic",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("chat_id", models.BigIntegerField()),
                ("thread_id", models.BigIntegerField()),
                ("hinted_at", models.DateTimeField()),
                ("channel", parent_field("channels_telegram.telegramchannel")),
                ("tenant", tenant_field()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["tenant", "channel", "hinted_at"], name="stray_topic_by_age"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "channel", "chat_id", "thread_id"),
                        name="stray_topic_once",
                    )
                ],
            },
        ),
        IsolateTenant("channels_telegram_topicnotice"),
        IsolateTenant("channels_telegram_unsentmessage"),
        IsolateTenant("channels_telegram_straytopic"),
        TenantForeignKey(
            "channels_telegram_topicnotice", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_unsentmessage", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_unsentmessage", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey(
            "channels_telegram_straytopic", "channel_id", "channels_telegram_telegramchannel"
        ),
    ]
