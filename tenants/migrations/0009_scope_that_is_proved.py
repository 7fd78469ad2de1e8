"""Whose rows a transaction may see is proved, no longer only said.

A setting can be changed by any SQL. So the tenant in it counts only with a proof, an HMAC of the
tenant's id under a key that this table holds and that the application's role cannot read.
"""

import secrets

from django.db import migrations

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
_OPEN = """
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

_ENTER_PLATFORM = """
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


# Back to settings that are believed.
_BELIEVE = """
DO $$
DECLARE
    walled regclass;
    rule text := 'tenant_id = nullif(current_setting(''app.tenant_id'', true), )::uuid OR nullif(current_setting(app.platform, true), ) IS NOT NULL';
BEGIN
    FOR walled IN SELECT polrelid FROM pg_policy WHERE polname = 'tenant_isolation' LOOP
        EXECUTE format('DROP POLICY tenant_isolation ON %s', walled);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON %s USING (%s) WITH CHECK (%s)', walled, rule, rule
        );
    END LOOP;
END
$$;
DROP FUNCTION tenant_in_scope;
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
    dependencies = [("tenants", "0008_origins_as_browsers_send_them")]

    operations = [
        migrations.RunSQL(_TABLE, "DROP TABLE tenants_scopekey"),
        migrations.RunPython(make_key, migrations.RunPython.noop),
        migrations.RunSQL(_TENANT_IN_SCOPE, _BELIEVE),
        migrations.RunSQL(_OPEN, "DROP FUNCTION open_tenant_scope"),
        migrations.RunSQL(_ENTER_PLATFORM, "DROP FUNCTION open_platform_scope"),
        migrations.RunSQL(_LEAVE, "DROP FUNCTION leave_scope"),
    ]
