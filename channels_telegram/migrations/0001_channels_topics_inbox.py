import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_conversations_messages_agents"),
        ("tenants", "0001_tenants_members_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="TelegramChannel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("bot_id", models.BigIntegerField()),
                ("bot_username", models.CharField(blank=True, max_length=64)),
                ("chat_id", models.BigIntegerField()),
                ("bot_token_sealed", models.TextField(editable=False)),
                ("webhook_secret_sealed", models.TextField(editable=False)),
                (
                    "webhook_secret_hash",
                    models.CharField(editable=False, max_length=64, unique=True),
                ),
                ("header_secret_sealed", models.TextField(blank=True, editable=False)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MessageLink",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("chat_id", models.BigIntegerField()),
                ("telegram_message_id", models.BigIntegerField()),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.message",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels_telegram.telegramchannel",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InboxUpdate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("update_id", models.BigIntegerField()),
                ("has_failed", models.BooleanField(default=False)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels_telegram.telegramchannel",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=128)),
                ("controls_message_id", models.BigIntegerField(blank=True, null=True)),
                ("is_closed", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="telegramchannel",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="channel_in_tenant"),
        ),
        migrations.AddConstraint(
            model_name="telegramchannel",
            constraint=models.UniqueConstraint(
                fields=("bot_id", "chat_id"), name="channel_bot_and_chat_once"
            ),
        ),
        migrations.AddIndex(
            model_name="messagelink",
            index=models.Index(fields=["tenant", "message"], name="message_link_by_message"),
        ),
        migrations.AddConstraint(
            model_name="messagelink",
            constraint=models.UniqueConstraint(
                fields=("tenant", "channel", "chat_id", "telegram_message_id"),
                name="message_link_once",
            ),
        ),
        migrations.AddIndex(
            model_name="inboxupdate",
            index=models.Index(fields=["received_at"], name="inbox_by_age"),
        ),
        migrations.AddConstraint(
            model_name="inboxupdate",
            constraint=models.UniqueConstraint(
                fields=("tenant", "channel", "update_id"), name="inbox_update_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.UniqueConstraint(
                fields=("tenant", "conversation"), name="topic_once_per_conversation"
            ),
        ),
        IsolateTenant("channels_telegram_telegramchannel"),
        IsolateTenant("channels_telegram_topic"),
        IsolateTenant("channels_telegram_inboxupdate"),
        IsolateTenant("channels_telegram_messagelink"),
        TenantForeignKey(
            "channels_telegram_topic", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_inboxupdate", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey(
            "channels_telegram_messagelink", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey("channels_telegram_messagelink", "message_id", "conversations_message"),
    ]
