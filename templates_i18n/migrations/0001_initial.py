"""Each tenant's own texts: system messages and the widget's strings."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0002_scope_proofs"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        choices=[
                            ("welcome_message", "Welcome"),
                            ("waiting_for_agent", "Waiting for an agent"),
                            ("conversation_reopened", "Conversation reopened"),
                            ("unclaimed_reminder_5m", "First reminder for agents"),
                            ("unclaimed_reminder_15m_pin", "Second reminder for agents, pinned"),
                            ("closed_history_note", "Note below a closed conversation"),
                            ("closing_message", "Closing message"),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "locale",
                    models.CharField(default="default", max_length=35, verbose_name="language"),
                ),
                ("text", models.TextField(max_length=4000)),
                ("enabled", models.BooleanField(default=True)),
                (
                    "to_customer_ws",
                    models.BooleanField(default=False, verbose_name="as a note in the widget"),
                ),
                (
                    "to_customer_persist",
                    models.BooleanField(default=False, verbose_name="as a message that stays"),
                ),
                (
                    "to_agents",
                    models.BooleanField(default=False, verbose_name="to the agents' topic"),
                ),
                ("pin", models.BooleanField(default=False, verbose_name="pinned there")),
                (
                    "rate_limit_seconds",
                    models.PositiveIntegerField(
                        default=0, verbose_name="at most once per so many seconds and conversation"
                    ),
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
            options={
                "verbose_name": "message text",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "locale", "key"), name="template_once_per_locale"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Translation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "locale",
                    models.CharField(default="default", max_length=35, verbose_name="language"),
                ),
                ("key", models.CharField(max_length=80, verbose_name="string")),
                ("text", models.TextField(max_length=500)),
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
            options={
                "verbose_name": "widget text",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "locale", "key"), name="translation_once_per_locale"
                    )
                ],
            },
        ),
        IsolateTenant("templates_i18n_messagetemplate"),
        IsolateTenant("templates_i18n_translation"),
    ]
