"""Rare entries of the audit trail are found by index, built while everything serves."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tenants", "0006_invitations")]

    operations = [
        AddIndexConcurrently(
            model_name="auditentry",
            index=models.Index(
                fields=["tenant", "actor_kind", "-at", "-id"], name="audit_by_actor_kind"
            ),
        ),
        AddIndexConcurrently(
            model_name="auditentry",
            index=models.Index(fields=["tenant", "action", "-at", "-id"], name="audit_by_action"),
        ),
    ]
