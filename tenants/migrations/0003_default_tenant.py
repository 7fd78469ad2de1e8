"""The default tenant, which the v1 addresses belong to."""

from django.db import migrations


def create_default_tenant(apps, schema_editor):
    apps.get_model("tenants", "Tenant").objects.create(slug="default", name="Default")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_scope_proofs")]

    # Kept when going back: it may own conversations by then.
    operations = [migrations.RunPython(create_default_tenant, migrations.RunPython.noop)]
