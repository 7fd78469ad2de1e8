"""Telegram channels, topics, and what is remembered of updates and posts."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conversations", "0001_initial"),
        ("tenants", "0002_scope_proofs"),
    ]

    operations = [
        migrations.CreateModel(
            name="TelegramChannel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("bot_id", models.BigIntegerField()),
                ("bot_username", models.CharField(blank=True, max_length=64)),
                ("chat_id", models.BigIntegerField()),
                ("configured_chat_id", models.BigIntegerField()),
                ("bot_token_sealed", models.TextField(editable=False)),
                ("webhook_secret_sealed", models.TextField(editable=False)),
                (
                    "webhook_secret_hash",
                    models.CharField(editable=False, max_length=64, unique=True),
                ),
                ("header_secret_sealed", models.TextField(blank=True, editable=False)),
                ("is_active", models.BooleanField(default=True)),
                ("is_token_refused", models.BooleanField(db_default=False, default=False)),
                ("bot_status", models.CharField(blank=True, db_default="", max_length=16)),
                (
                    "missing_rights",
                    models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
                ),
                ("may_write", models.BooleanField(db_default=True, default=True)),
                ("hears_all", models.BooleanField(null=True)),
                ("has_topics", models.BooleanField(null=True)),
                ("standing_date", models.BigIntegerField(db_default=0, default=0)),
                ("standing_update_id", models.BigIntegerField(db_default=0, default=0)),
                ("standing_checked_at", models.DateTimeField(null=True)),
                ("webhook_origin", models.CharField(blank=True, db_default="", max_length=300)),
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
            name="StrayTopic",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("chat_id", models.BigIntegerField()),
                ("thread_id", models.BigIntegerField()),
                ("hinted_at", models.DateTimeField()),
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
                ("bot_id", models.BigIntegerField()),
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
            name="FormerTopic",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("chat_id", models.BigIntegerField()),
                ("thread_id", models.BigIntegerField()),
                ("ended_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("chat_id", models.BigIntegerField(null=True)),
                ("thread_id", models.BigIntegerField(null=True)),
                ("title", models.CharField(blank=True, max_length=128)),
                ("controls_message_id", models.BigIntegerField(blank=True, null=True)),
                ("is_closed", models.BooleanField(default=False)),
                ("pinned_reminder_id", models.BigIntegerField(blank=True, null=True)),
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
        migrations.CreateModel(
            name="TopicNotice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=64)),
                ("posted_at", models.DateTimeField()),
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
                condition=models.Q(("chat_id__lt", 0)),
                fields=("bot_id", "chat_id"),
                name="channel_bot_and_chat_once",
            ),
        ),
        migrations.AddIndex(
            model_name="straytopic",
            index=models.Index(
                fields=["tenant", "channel", "hinted_at"], name="stray_topic_by_age"
            ),
        ),
        migrations.AddConstraint(
            model_name="straytopic",
            constraint=models.UniqueConstraint(
                fields=("tenant", "channel", "chat_id", "thread_id"), name="stray_topic_once"
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
                fields=("tenant", "channel", "bot_id", "update_id"),
                name="inbox_update_once_per_bot",
            ),
        ),
        migrations.AddIndex(
            model_name="formertopic",
            index=models.Index(fields=["ended_at"], name="former_topic_by_age"),
        ),
        migrations.AddIndex(
            model_name="formertopic",
            index=models.Index(
                fields=["tenant", "conversation"], name="former_topic_by_conversation"
            ),
        ),
        migrations.AddConstraint(
            model_name="formertopic",
            constraint=models.UniqueConstraint(
                fields=("tenant", "channel", "chat_id", "thread_id"), name="former_topic_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.UniqueConstraint(
                fields=("tenant", "conversation"), name="topic_once_per_conversation"
            ),
        ),
        migrations.AddConstraint(
            model_name="topicnotice",
            constraint=models.UniqueConstraint(
                fields=("tenant", "conversation", "kind"), name="topic_notice_once"
            ),
        ),
        migrations.AddIndex(
            model_name="unsentmessage",
            index=models.Index(fields=["received_at"], name="unsent_message_by_age"),
        ),
        migrations.AddIndex(
            model_name="unsentmessage",
            index=models.Index(fields=["tenant", "conversation"], name="unsent_by_conversation"),
        ),
        migrations.AddConstraint(
            model_name="unsentmessage",
            constraint=models.UniqueConstraint(
                fields=("tenant", "channel", "chat_id", "telegram_message_id"),
                name="unsent_message_once",
            ),
        ),
        IsolateTenant("channels_telegram_telegramchannel"),
        IsolateTenant("channels_telegram_topic"),
        IsolateTenant("channels_telegram_formertopic"),
        IsolateTenant("channels_telegram_straytopic"),
        IsolateTenant("channels_telegram_topicnotice"),
        IsolateTenant("channels_telegram_inboxupdate"),
        IsolateTenant("channels_telegram_unsentmessage"),
        IsolateTenant("channels_telegram_messagelink"),
        TenantForeignKey(
            "channels_telegram_topic", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_formertopic", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_formertopic", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey(
            "channels_telegram_straytopic", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey(
            "channels_telegram_topicnotice", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_inboxupdate", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey(
            "channels_telegram_unsentmessage", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey(
            "channels_telegram_unsentmessage", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey(
            "channels_telegram_messagelink", "channel_id", "channels_telegram_telegramchannel"
        ),
        TenantForeignKey("channels_telegram_messagelink", "message_id", "conversations_message"),
    ]
