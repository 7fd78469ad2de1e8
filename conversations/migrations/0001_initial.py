"""Agents, conversations, their messages and search words."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0002_scope_proofs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("channel_user_id", models.CharField(max_length=64)),
                ("channel_name", models.CharField(blank=True, max_length=160)),
                ("display_name", models.CharField(blank=True, max_length=64)),
                ("is_enabled", models.BooleanField(default=True)),
                ("is_anonymous", models.BooleanField(db_default=False, default=False)),
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
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_capability_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("codename", models.CharField(max_length=48)),
                ("customer_name", models.CharField(blank=True, max_length=32)),
                ("about_note", models.TextField(blank=True, max_length=2000)),
                ("locale", models.CharField(default="default", max_length=35)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN_UNCLAIMED", "Open, nobody yet"),
                            ("OPEN_ASSIGNED", "Open, with an agent"),
                            ("AWAITING_CUSTOMER", "Waiting for the customer"),
                            ("CLOSED", "Closed"),
                            ("BLOCKED", "Blocked"),
                        ],
                        default="OPEN_UNCLAIMED",
                        max_length=20,
                    ),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("channel_id", models.UUIDField(blank=True, null=True)),
                ("thread_id", models.CharField(blank=True, max_length=64, null=True)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                ("last_message_at", models.DateTimeField(blank=True, null=True)),
                ("last_customer_at", models.DateTimeField(blank=True, null=True)),
                ("last_agent_at", models.DateTimeField(blank=True, null=True)),
                ("waiting_since", models.DateTimeField(blank=True, null=True)),
                ("reminders_sent", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("legal_hold_since", models.DateTimeField(blank=True, null=True)),
                ("legal_hold_reason", models.CharField(blank=True, db_default="", max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "assigned_agent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="conversations.agent",
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
            name="ConversationWord",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("word", models.CharField(db_collation="C", max_length=64)),
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
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "direction",
                    models.CharField(
                        choices=[("INBOUND", "From the customer"), ("OUTBOUND", "To the customer")],
                        max_length=8,
                    ),
                ),
                ("text", models.TextField()),
                ("agent_name", models.CharField(blank=True, max_length=64)),
                ("template_key", models.CharField(blank=True, max_length=40)),
                ("client_id", models.CharField(blank=True, max_length=64, null=True)),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="conversations.agent",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
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
            name="SystemMessageSent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=40)),
                ("sent_at", models.DateTimeField()),
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
            name="UsedSocketToken",
            fields=[
                ("jti", models.UUIDField(primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField()),
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
            model_name="agent",
            constraint=models.UniqueConstraint(
                fields=("tenant", "channel_user_id"), name="agent_once_per_channel_user"
            ),
        ),
        migrations.AddConstraint(
            model_name="agent",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="agent_in_tenant"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["tenant", "-updated_at"], name="conversation_recent"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "status", "-updated_at"], name="conversation_by_status"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["tenant", "-created_at", "-id"], name="conversation_newest"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("assigned_agent__isnull", False)),
                fields=["tenant", "assigned_agent", "-created_at", "-id"],
                name="conversation_by_agent",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("assigned_agent__isnull", True)),
                fields=["tenant", "-created_at", "-id"],
                name="conversation_of_nobody",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["tenant", "locale", "-created_at", "-id"], name="conversation_by_locale"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("thread_id__isnull", True)),
                fields=["tenant", "codename"],
                name="conversation_without_thread",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("reminders_sent__lt", 2), ("waiting_since__isnull", False)),
                fields=["tenant", "reminders_sent", "waiting_since"],
                name="conversation_to_remind_of",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("legal_hold_since__isnull", True), ("status", "CLOSED")),
                fields=["tenant", "closed_at"],
                name="conversation_to_delete",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("legal_hold_since__isnull", False)),
                fields=["tenant", "-created_at", "-id"],
                name="conversation_on_legal_hold",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                fields=("tenant", "id"), name="conversation_in_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("thread_id__isnull", False)),
                fields=("tenant", "channel_id", "thread_id"),
                name="conversation_once_per_thread",
            ),
        ),
        migrations.AddIndex(
            model_name="conversationword",
            index=models.Index(fields=["tenant", "word", "conversation"], name="word_begins"),
        ),
        migrations.AddConstraint(
            model_name="conversationword",
            constraint=models.UniqueConstraint(
                fields=("tenant", "conversation", "word"), name="word_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="message_in_tenant"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("tenant", "conversation", "seq"), name="message_seq_in_conversation"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_id__isnull", False)),
                fields=("tenant", "conversation", "client_id"),
                name="message_client_id_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="systemmessagesent",
            constraint=models.UniqueConstraint(
                fields=("tenant", "conversation", "key"), name="system_message_once"
            ),
        ),
        migrations.AddIndex(
            model_name="usedsockettoken",
            index=models.Index(fields=["tenant", "expires_at"], name="socket_token_by_age"),
        ),
        migrations.AddIndex(
            model_name="usedsockettoken",
            index=models.Index(fields=["expires_at"], name="socket_token_expired"),
        ),
        IsolateTenant("conversations_agent"),
        IsolateTenant("conversations_conversation"),
        IsolateTenant("conversations_conversationword"),
        IsolateTenant("conversations_message"),
        IsolateTenant("conversations_systemmessagesent"),
        IsolateTenant("conversations_usedsockettoken"),
        TenantForeignKey(
            "conversations_conversation",
            "assigned_agent_id",
            "conversations_agent",
            "SET NULL (assigned_agent_id)",
        ),
        TenantForeignKey(
            "conversations_conversationword", "conversation_id", "conversations_conversation"
        ),
        TenantForeignKey("conversations_message", "conversation_id", "conversations_conversation"),
        TenantForeignKey(
            "conversations_message", "agent_id", "conversations_agent", "SET NULL (agent_id)"
        ),
        TenantForeignKey(
            "conversations_systemmessagesent", "conversation_id", "conversations_conversation"
        ),
    ]
