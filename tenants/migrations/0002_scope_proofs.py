"""Row-level security: which tenant a transaction works for, and a proof of it.

Any SQL can change a setting. So the tenant in it counts only with a proof, an HMAC of the tenant's
id under a key that a table holds and that the application's role cannot read.
"""

import secrets

from django.db import migrations

from tenants.operations import IsolateTenant, TenantForeignKey

_BLOCK_BYTES = 64  # of SHA-256

# Who may read it is a matter of grants: tenants/database/roles.py.
_TABLE = """
CREATE TABLE tenants_scopekey (
    key bytea NOT NULL,
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL
)
"""

# As its owner, who may read the key; the search path is fixed, so that nobody's objects stand in
# for those that are meant. NULL without a tenant, or without its proof.
_TENANT_IN_SCOPE = """
CREATE FUNCTION tenant_in_scope() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    said text := current_setting('app.tenant_id', true);
    is_proved boolean;
BEGIN
    IF said IS NULL OR said = '' THEN
        RETURN NULL;
    END IF;
    SELECT encode(sha256(outer_pad || sha256(inner_pad || convert_to(said, 'UTF8'))), 'hex')
            = current_setting('app.tenant_proof', true)
        INTO is_proved FROM public.tenants_scopekey;
    IF is_proved THEN
        RETURN said::uuid;
    END IF;
    RETURN NULL;
END
$$
"""

# As its caller: a role can be left only by who is in it. The tenant's configuration version, or
# NULL for an unknown tenant and for a wrong proof.
_OPEN_TENANT = """
CREATE FUNCTION open_tenant_scope(tenant uuid, proof text) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM pg_catalog.set_config('app.tenant_id', tenant::text, true),
            pg_catalog.set_config('app.tenant_proof', proof, true),
            pg_catalog.set_config('app.platform', '', true);
    IF pg_catalog.current_setting('role') = 'chatorical_platform' THEN
        PERFORM pg_catalog.set_config('role', 'chatorical_app', true);
    END IF;
    RETURN (SELECT config_version FROM public.tenants_tenant
            WHERE id = tenant AND public.tenant_in_scope() = tenant);
END
$$
"""

_OPEN_PLATFORM = """
CREATE FUNCTION open_platform_scope(purpose text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM pg_catalog.set_config('app.tenant_id', '', true),
            pg_catalog.set_config('app.tenant_proof', '', true),
            pg_catalog.set_config('app.platform', purpose, true);
    IF pg_catalog.pg_has_role(
        session_user, pg_catalog.to_regrole('chatorical_platform'), 'MEMBER'
    ) THEN
        PERFORM pg_catalog.set_config('role', 'chatorical_platform', true);
    END IF;
END
$$
"""

_LEAVE = """
CREATE FUNCTION leave_scope() RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM pg_catalog.set_config('app.tenant_id', '', true),
            pg_catalog.set_config('app.tenant_proof', '', true),
            pg_catalog.set_config('app.platform', '', true);
    IF pg_catalog.current_setting('role') = 'chatorical_platform' THEN
        PERFORM pg_catalog.set_config('role', 'chatorical_app', true);
    END IF;
END
$$
"""


def make_key(apps, schema_editor):
    """A key of this database's own, with what HMAC makes of it (RFC 2104)."""
    key = secrets.token_bytes(32)
    block = key.ljust(_BLOCK_BYTES, b"\0")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenants_scopekey VALUES (%s, %s, %s)",
            [key, bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)],
        )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL(_TABLE, "DROP TABLE tenants_scopekey"),
        migrations.RunPython(make_key, migrations.RunPython.noop),
        migrations.RunSQL(_TENANT_IN_SCOPE, "DROP FUNCTION tenant_in_scope"),
        migrations.RunSQL(_OPEN_TENANT, "DROP FUNCTION open_tenant_scope"),
        migrations.RunSQL(_OPEN_PLATFORM, "DROP FUNCTION open_platform_scope"),
        migrations.RunSQL(_LEAVE, "DROP FUNCTION leave_scope"),
        IsolateTenant("tenants_member"),
        IsolateTenant("tenants_invitation"),
        IsolateTenant("tenants_setting"),
        IsolateTenant("tenants_tenantkey"),
        IsolateTenant("tenants_apikey"),
        IsolateTenant("tenants_idempotentresponse"),
        IsolateTenant("tenants_auditentry"),
        TenantForeignKey(
            "tenants_apikey", "replaced_by_id", "tenants_apikey", "SET NULL (replaced_by_id)"
        ),
    ]
