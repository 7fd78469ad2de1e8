"""Origins that were stored before they were put in the form that browsers send."""

from importlib import import_module

import pytest
from django.db import connection

from tenants.models import Setting, Tenant
from tenants.scope import tenant_scope

migration = import_module("tenants.migrations.0008_origins_as_browsers_send_them")


@pytest.mark.django_db
def test_stored_origins_become_what_browsers_send(default_tenant: Tenant) -> None:
    stored = [
        "https://shop.example:443",
        "http://shop.example:80",
        "https://shop.example.",
        "https://a.example.:8443",
        "http://[::1]:3000",
        "https://b.example:80",
        "*",
    ]
    with tenant_scope(default_tenant.pk) as tenant, connection.cursor() as cursor:
        row = Setting.objects.create(tenant=tenant, key="allowedOrigins", value=stored)
        other = Setting.objects.create(tenant=tenant, key="support.label", value="a.")
        cursor.execute(migration.NORMALISE)
        row.refresh_from_db()
        other.refresh_from_db()
        assert row.value == [
            "https://shop.example",
            "http://shop.example",
            "https://shop.example",
            "https://a.example:8443",
            "http://[::1]:3000",
            "https://b.example:80",
            "*",
        ]
        assert other.value == "a."
