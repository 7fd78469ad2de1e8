"""Which person a session began as: only such a session reads the person's other conversations."""

import django.db.models.deletion
from django.db import migrations, models

from tenants.operations import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("conversations", "0009_bans")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="conversations.person",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("person__isnull", False)),
                fields=["tenant", "person"],
                name="session_by_person",
            ),
        ),
        TenantForeignKey(
            "conversations_session",
            "person_id",
            "conversations_person",
            "SET NULL (person_id)",
        ),
    ]
