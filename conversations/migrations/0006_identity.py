"""Who customers are by the word of their tenant, and the keys of that."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import kernel.ids
from tenants.operations import IsolateTenant, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0005_visitors"),
        ("tenants", "0003_default_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "algorithm",
                    models.CharField(
                        choices=[
                            ("HS256", "HS256: a shared secret"),
                            ("ES256", "ES256: the public half of a key pair"),
                        ],
                        max_length=5,
                    ),
                ),
                ("secret_sealed", models.TextField(blank=True, editable=False)),
                ("public_key", models.TextField(blank=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
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
            name="Person",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.CharField(max_length=255)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("attributes", models.JSONField(default=dict)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
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
        migrations.AddField(
            model_name="visitor",
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
            model_name="visitor",
            index=models.Index(
                condition=models.Q(("person__isnull", False)),
                fields=["tenant", "person"],
                name="visitor_by_person",
            ),
        ),
        migrations.AddIndex(
            model_name="identitykey",
            index=models.Index(fields=["tenant", "-created_at", "-id"], name="identity_key_newest"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(fields=("tenant", "id"), name="person_in_tenant"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("tenant", "subject"), name="person_once_per_tenant"
            ),
        ),
        IsolateTenant("conversations_identitykey"),
        IsolateTenant("conversations_person"),
        TenantForeignKey(
            "conversations_visitor",
            "person_id",
            "conversations_person",
            "SET NULL (person_id)",
        ),
    ]
