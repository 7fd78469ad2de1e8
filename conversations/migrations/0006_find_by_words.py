"""Where the words of conversations are found."""

import django.db.models.deletion
from django.db import migrations, models

from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("conversations", "0005_find_the_rare")]

    operations = [
        migrations.CreateModel(
            name="ConversationWord",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("word", models.CharField(db_collation="C", max_length=64)),
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
                    "conversation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conversations.conversation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "conversation", "word"), name="word_once"
                    )
                ],
                "indexes": [
                    models.Index(fields=["tenant", "word", "conversation"], name="word_begins")
                ],
            },
        ),
        IsolateTenant("conversations_conversationword"),
        TenantForeignKey(
            "conversations_conversationword", "conversation_id", "conversations_conversation"
        ),
    ]
