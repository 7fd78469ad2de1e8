"""The tenant that the predecessor's contract belongs to."""

from django.db import migrations


def create_default_tenant(apps, schema_editor):
    tenant = apps.get_model("tenants", "Tenant")
    tenant.objects.get_or_create(slug="default", defaults={"name": "Default"})


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_tenants_members_settings")]

    # Kept when going back: it may own conversations by then.
    operations = [migrations.RunPython(create_default_tenant, migrations.RunPython.noop)]
