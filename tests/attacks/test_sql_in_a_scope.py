"""Any SQL as the application's login, inside one tenant's scope, meets nothing of another tenant.

As if a query of ours had let a stranger's SQL through: the session, its role and what it knows are
those of the product.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from tenants.database import scope_proofs
from tenants.models import Tenant, TenantOwned
from tenants.scope import tenant_scope
from tests.databases import work_in
from tests.isolation.rows import settle
from tests.isolation.written import names_of, written_for
from tests.template_database import migrated_database

TABLES = sorted(
    model._meta.db_table for model in apps.get_models() if issubclass(model, TenantOwned)
)
_WORDS = "words that only globex wrote"


@dataclass
class Place:
    """A database with two tenants, and what is known inside the scope of one of them."""

    addresses: dict[str, str]
    acme: UUID
    proof: str
    globex: UUID
    # Ids, names and words of globex.
    secrets: set[str]

    def enter(self) -> psycopg.Connection:
        """The application's session, in acme's scope."""
        client = psycopg.connect(self.addresses["DATABASE_URL"])
        client.execute("SELECT open_tenant_scope(%s, %s)", [self.acme, self.proof])
        return client

    def assert_nothing_of_globex(self, found: object, *, but: str = "") -> None:
        """Nothing of globex stands in it, except what the attacker said."""
        text = repr(found)
        assert not {word for word in self.secrets if word in text and word not in but}


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    """In a database of its own, since what is tried is committed."""
    shared = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), migrated_database("attacked") as addresses:
        try:
            work_in(urlsplit(addresses["DATABASE_URL"]).path[1:])
            acme, globex = settle("acme").tenant, settle("globex").tenant
            yield placed(addresses, acme, globex)
        finally:
            work_in(shared)


def placed(addresses: dict[str, str], acme: Tenant, globex: Tenant) -> Place:
    with tenant_scope(globex.pk), connection.cursor() as cursor:
        cursor.execute("UPDATE conversations_message SET text = %s", [_WORDS])
    key = scope_proofs.known_key()
    assert key is not None
    secrets = {_WORDS} | names_of(globex, written_for(globex))
    return Place(addresses, acme.pk, scope_proofs.prove(key, acme.pk), globex.pk, secrets)


def ask(client: psycopg.Connection, sql: str) -> list[object]:
    """What a statement answers or is refused with; what it has changed stays in force."""
    try:
        with client.transaction():
            cursor = client.execute(sql.encode())
            return [*cursor.fetchall()] if cursor.description else [cursor.statusmessage]
    except psycopg.Error as error:
        said = error.diag
        return [(str(error), said.message_detail, said.message_hint, said.context)]


def try_all(place: Place, client: psycopg.Connection, script: str) -> list[object]:
    """What the statements of a script answer, one after the other."""
    names = {"{globex}": str(place.globex), "{acme}": str(place.acme)}
    for name, value in names.items():
        script = script.replace(name, value)
    return [answer for part in script.split(";;") for answer in ask(client, part.strip())]


def look_around(client: psycopg.Connection) -> list[object]:
    """Every row of every table that this session is shown now, or why it is refused them."""
    return [answer for table in TABLES for answer in ask(client, f'SELECT * FROM public."{table}"')]


def test_the_scope_is_that_of_the_product(place: Place) -> None:
    """Acme's rows are there, and what is looked for would be found."""
    with place.enter() as client:
        assert client.execute("SELECT current_user, session_user").fetchone() == (
            "chatorical",
            "chatorical",
        )
        tenants = {str(row) for row in look_around(client)}
        assert any(str(place.acme) in row for row in tenants)
    with psycopg.connect(place.addresses["PLATFORM_DATABASE_URL"]) as operator:
        operator.execute("SELECT open_platform_scope('test')")
        with pytest.raises(AssertionError):
            place.assert_nothing_of_globex(look_around(operator))


# Statements are parted by ";;". After each script every table is looked at, in the same session.
WAYS_TO_CHANGE_THE_SESSION = {
    "another tenant in the setting": """
        SELECT set_config('app.tenant_id', '{globex}', true) ;;
        SET LOCAL app.tenant_id = '{globex}' ;; SET app.tenant_id = '{globex}'""",
    "another tenant by the product's own function": """
        SELECT open_tenant_scope('{globex}', current_setting('app.tenant_proof')) ;;
        SELECT open_tenant_scope('{globex}', '') ;; SELECT open_tenant_scope('{globex}', NULL)""",
    "a proof that is no text": """
        SET LOCAL app.tenant_id = '{globex}' ;; SET LOCAL app.tenant_proof = '' ;;
        SELECT set_config('app.tenant_proof', NULL, true) ;; RESET app.tenant_proof""",
    "two tenants in one setting": """
        SELECT set_config('app.tenant_id', '{acme},{globex}', true) ;;
        SELECT set_config('app.tenant_id', upper('{globex}'), true)""",
    "the setting of platform work": """
        SELECT set_config('app.platform', 'admin console', true) ;;
        SET app.platform = 'outbox drain' ;; SELECT open_platform_scope('admin console')""",
    "other settings of ours": """
        SELECT set_config(name, 'on', true) FROM unnest(ARRAY['app.bypass', 'app.staff', 'app.role',
            'app.owner', 'app.superuser']) AS name""",
    "row_security": "SET row_security = off",
    "another role": """
        SET ROLE chatorical_platform ;; SET LOCAL ROLE chatorical_operator ;;
        SET ROLE chatorical_owner ;; SET ROLE postgres ;; SET ROLE NONE ;; RESET ROLE ;;
        SET ROLE chatorical_app ;; SELECT set_config('role', 'chatorical_platform', true) ;;
        SELECT set_config('role', 'chatorical_owner', false)""",
    "another session": """
        SET SESSION AUTHORIZATION chatorical_operator ;; SET SESSION AUTHORIZATION postgres ;;
        SET SESSION AUTHORIZATION DEFAULT ;; RESET SESSION AUTHORIZATION ;; RESET ALL ;;
        DISCARD ALL""",
    "a membership": """
        GRANT chatorical_platform TO chatorical ;; GRANT chatorical_owner TO chatorical ;;
        ALTER ROLE chatorical BYPASSRLS ;; ALTER ROLE chatorical SUPERUSER ;;
        ALTER ROLE chatorical SET role = 'chatorical_platform' ;; CREATE ROLE burglar LOGIN ;;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC ;; REASSIGN OWNED BY chatorical_owner
        TO chatorical""",
    "the policies": """
        ALTER TABLE conversations_message DISABLE ROW LEVEL SECURITY ;;
        ALTER TABLE conversations_message NO FORCE ROW LEVEL SECURITY ;;
        DROP POLICY tenant_isolation ON conversations_message ;;
        ALTER POLICY tenant_isolation ON conversations_message USING (true) ;;
        CREATE POLICY open ON conversations_message USING (true) ;;
        ALTER TABLE conversations_message OWNER TO chatorical ;;
        UPDATE pg_class SET relrowsecurity = false WHERE relname = 'conversations_message' ;;
        DELETE FROM pg_policy""",
    "the proof's key": """
        SELECT * FROM tenants_scopekey ;; TABLE tenants_scopekey ;;
        UPDATE tenants_scopekey SET inner_pad = '', outer_pad = '' ;;
        DELETE FROM tenants_scopekey ;;
        INSERT INTO tenants_scopekey VALUES ('', '', '') ;; TRUNCATE tenants_scopekey ;;
        COPY tenants_scopekey TO STDOUT ;; LOCK TABLE tenants_scopekey""",
    "a function of one's own": """
        CREATE FUNCTION open() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT 1' ;;
        CREATE OR REPLACE FUNCTION tenant_in_scope() RETURNS uuid LANGUAGE sql AS
            $$ SELECT '{globex}'::uuid $$ ;;
        ALTER FUNCTION tenant_in_scope() RESET search_path ;;
        ALTER FUNCTION tenant_in_scope() SECURITY INVOKER ;;
        CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql
            AS $$ SELECT ''::bytea $$ ;;
        DROP FUNCTION tenant_in_scope() CASCADE ;; CREATE SCHEMA mine ;;
        CREATE EXTENSION dblink ;; CREATE EXTENSION adminpack ;; CREATE LANGUAGE plpython3u""",
    "a shadow of what policies read": """
        CREATE TEMP TABLE tenants_scopekey AS SELECT ''::bytea AS key ;;
        CREATE TEMP TABLE conversations_message (id int) ;;
        SET search_path = pg_temp, public ;; SELECT set_config('search_path', 'mine', true) ;;
        SET LOCAL app.tenant_id = '{globex}'""",
    "a trigger, a rule, a view": """
        CREATE TRIGGER spy BEFORE INSERT ON conversations_message FOR EACH ROW
            EXECUTE FUNCTION suppress_redundant_updates_trigger() ;;
        CREATE RULE spy AS ON INSERT TO conversations_message DO ALSO NOTIFY spy ;;
        CREATE VIEW spy AS SELECT * FROM conversations_message ;;
        CREATE MATERIALIZED VIEW spy AS SELECT * FROM conversations_message ;;
        CREATE TABLE spy AS SELECT * FROM conversations_message ;;
        CREATE EVENT TRIGGER spy ON ddl_command_end EXECUTE FUNCTION
            suppress_redundant_updates_trigger() ;;
        SET session_replication_role = replica""",
    "a block of code": """
        DO $$ BEGIN PERFORM set_config('app.tenant_id', '{globex}', true); END $$ ;;
        DO $$ BEGIN SET LOCAL ROLE chatorical_platform; END $$ ;;
        DO $$ BEGIN EXECUTE 'DROP POLICY tenant_isolation ON conversations_message'; END $$ ;;
        DO LANGUAGE plpython3u $$ pass $$""",
}


@pytest.mark.parametrize("way", WAYS_TO_CHANGE_THE_SESSION)
def test_a_session_cannot_be_changed_into_another(place: Place, way: str) -> None:
    script = WAYS_TO_CHANGE_THE_SESSION[way]
    with place.enter() as client:
        said = try_all(place, client, script)
        place.assert_nothing_of_globex(said, but=script.replace("{globex}", str(place.globex)))
        place.assert_nothing_of_globex(look_around(client))
        client.commit()
        # Nor what it has left for the next transaction of the session.
        place.assert_nothing_of_globex(look_around(client))
        client.rollback()
        client.autocommit = True
        try_all(place, client, script)
        place.assert_nothing_of_globex(look_around(client))
    with place.enter() as client:
        place.assert_nothing_of_globex(look_around(client))


WAYS_TO_READ = {
    "everything, plainly": " ;; ".join(f"SELECT * FROM {table}" for table in TABLES),
    "by a reference": """
        SELECT m.* FROM conversations_conversation c JOIN conversations_message m ON true ;;
        SELECT * FROM conversations_message WHERE tenant_id = '{globex}' ;;
        WITH all_of_them AS MATERIALIZED (SELECT * FROM conversations_message)
            SELECT * FROM all_of_them ;;
        SELECT query_to_xml('SELECT * FROM conversations_message', true, false, '') ;;
        SELECT table_to_xml('conversations_message', true, false, '') ;;
        SELECT schema_to_xml('public', true, false, '') ;;
        SELECT database_to_xml(true, false, '') ;;
        SELECT cursor_to_xml('nobody', 10, true, false, '')""",
    "by a function that tells what it is given": """
        SELECT * FROM conversations_message WHERE text::int = 1 ;;
        SELECT * FROM conversations_message WHERE 1 / (length(text) - length(text)) = 1 ;;
        SELECT * FROM tenants_auditentry WHERE (action::xml IS DOCUMENT) ;;
        SELECT * FROM tenants_setting WHERE (value->>'x')::uuid IS NULL AND key::int = 1 ;;
        EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM conversations_message WHERE text ~ '['""",
    "by copying": """
        COPY conversations_message TO '/tmp/message' ;;
        COPY conversations_message TO PROGRAM 'cat' ;;
        COPY conversations_message FROM PROGRAM 'id' ;;
        COPY (SELECT * FROM conversations_message) TO PROGRAM 'cat' ;;
        COPY conversations_message FROM '/etc/passwd'""",
    "from files": """
        SELECT pg_read_file('PG_VERSION') ;; SELECT pg_read_binary_file('global/pg_control') ;;
        SELECT pg_ls_dir('base') ;; SELECT pg_stat_file('PG_VERSION') ;;
        SELECT lo_import('/etc/passwd') ;; SELECT pg_ls_logdir() ;; SELECT pg_ls_waldir() ;;
        SELECT pg_current_logfile() ;; SELECT * FROM pg_hba_file_rules ;;
        SELECT * FROM pg_file_settings ;;
        SELECT pg_relation_filepath('conversations_message') ;;
        SELECT pg_logical_emit_message(true, 'a', 'b') ;;
        SELECT * FROM pg_logical_slot_get_changes('spy', NULL, NULL) ;;
        SELECT pg_create_logical_replication_slot('spy', 'test_decoding') ;;
        SELECT pg_export_snapshot()""",
    "by large objects": """
        SELECT lo_create(4711) ;; SELECT lo_from_bytea(4711, 'words') ;; SELECT lo_get(4711) ;;
        SELECT lo_open(4711, 131072) ;; SELECT lo_put(4711, 0, 'words') ;; SELECT lo_creat(-1) ;;
        SELECT * FROM pg_largeobject""",
    "from what is known about the data": """
        SELECT * FROM pg_stats ;; SELECT * FROM pg_statistic ;; SELECT * FROM pg_stats_ext ;;
        SELECT * FROM pg_stats_ext_exprs ;; SELECT * FROM pg_statistic_ext_data ;;
        SELECT * FROM pg_stat_user_tables ;; SELECT * FROM pg_stat_database ;;
        SELECT * FROM pg_stat_statements ;; SELECT * FROM pg_prepared_statements ;;
        SELECT * FROM pg_cursors ;; SELECT * FROM pg_prepared_xacts ;; SELECT * FROM pg_locks""",
    "from sequences": """
        SELECT * FROM pg_sequences ;; SELECT nextval('outbox_outboxitem_id_seq') ;;
        SELECT currval('outbox_outboxitem_id_seq') ;; SELECT lastval() ;;
        SELECT last_value FROM outbox_outboxitem_id_seq ;;
        SELECT setval('outbox_outboxitem_id_seq', 1)""",
    "from the server's own tables": """
        SELECT rolname, rolpassword FROM pg_authid ;; SELECT * FROM pg_shadow ;;
        SELECT * FROM pg_user_mappings ;; SELECT * FROM pg_subscription ;;
        SELECT * FROM pg_settings WHERE name LIKE 'app.%%' AND setting LIKE '{globex}%%' ;;
        SELECT pg_reload_conf() ;; SELECT pg_terminate_backend(1) ;; ALTER SYSTEM SET jit = on""",
    "from errors of what is unique": """
        INSERT INTO tenants_tenant (id, slug, name, status, config_version, created_at, updated_at)
            VALUES (gen_random_uuid(), 'globex-2', 'x', 'active', 0, now(), now()) ;;
        INSERT INTO conversations_conversation SELECT * FROM conversations_conversation ;;
        UPDATE conversations_message SET tenant_id = '{globex}' ;;
        UPDATE conversations_message SET conversation_id = gen_random_uuid() ;;
        INSERT INTO tenants_setting (id, tenant_id, key, value, updated_at)
            VALUES (gen_random_uuid(), '{globex}', 'x', '1', now()) ON CONFLICT DO NOTHING ;;
        MERGE INTO conversations_message t USING (SELECT 1) s ON (t.tenant_id = '{globex}')
            WHEN MATCHED THEN UPDATE SET text = 'x' ;;
        DELETE FROM conversations_message WHERE tenant_id = '{globex}' RETURNING * ;;
        TRUNCATE conversations_message CASCADE""",
}


# What would open the console, or what the platform has sealed.
WAYS_TO_THE_PLATFORMS_OWN = {
    "its keys": """
        TABLE tenants_platformkey ;; SELECT wrapped_key FROM tenants_platformkey ;;
        SELECT count(*) FROM tenants_platformkey ;; COPY tenants_platformkey TO STDOUT ;;
        SELECT FROM tenants_platformkey FOR UPDATE ;; DELETE FROM tenants_platformkey ;;
        UPDATE tenants_platformkey SET wrapped_key = '' ;;
        INSERT INTO tenants_platformkey VALUES ('lookup', '', '', now()) ;;
        TRUNCATE tenants_platformkey ;; LOCK TABLE tenants_platformkey""",
    "the hash of a password": """
        SELECT password FROM tenants_user ;; TABLE tenants_user ;;
        SELECT tenants_user FROM tenants_user ;; SELECT u::text FROM tenants_user u ;;
        SELECT to_jsonb(u) FROM tenants_user u ;; COPY tenants_user (password) TO STDOUT ;;
        SELECT 1 FROM tenants_user WHERE password LIKE 'a%' ;;
        SELECT email FROM tenants_user ORDER BY password ;;
        SELECT p.id FROM auth_permission p JOIN tenants_user u ON u.password = p.codename ;;
        SELECT max(password) FROM tenants_user ;; TABLE tenants_user FOR UPDATE""",
    "an account of staff": """
        UPDATE tenants_user SET is_superuser = true ;; UPDATE tenants_user SET password = 'x' ;;
        UPDATE tenants_user SET email = 'x' ;; SELECT email FROM tenants_user FOR UPDATE ;;
        INSERT INTO tenants_user (password, is_superuser, email, full_name, is_staff, is_active,
            date_joined) VALUES ('', true, 'burglar@acme.example', '', true, true, now()) ;;
        DELETE FROM tenants_user ;; TRUNCATE tenants_user CASCADE ;;
        INSERT INTO auth_group (name) VALUES ('burglars') ;;
        INSERT INTO auth_permission (name, content_type_id, codename) VALUES ('', 1, 'x') ;;
        INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (1, 1) ;;
        INSERT INTO tenants_user_groups (user_id, group_id) VALUES (1, 1) ;;
        INSERT INTO tenants_user_user_permissions (user_id, permission_id) VALUES (1, 1)""",
    "a session of the console": """
        TABLE django_session ;; SELECT session_key FROM django_session ;;
        SELECT count(*) FROM django_session ;; COPY django_session TO STDOUT ;;
        SELECT FROM django_session WHERE session_key < 'a' FOR SHARE ;;
        INSERT INTO django_session VALUES ('mine', '', now() + interval '1 day') ;;
        INSERT INTO django_session SELECT 'mine', session_data, expire_date FROM django_session ;;
        UPDATE django_session SET expire_date = now() + interval '1 year' ;;
        DELETE FROM django_session ;; TRUNCATE django_session ;; LOCK TABLE django_session""",
}


@pytest.mark.parametrize("way", WAYS_TO_THE_PLATFORMS_OWN)
def test_the_platforms_own_is_refused(place: Place, way: str) -> None:
    """By grants alone, whatever the settings and roles that SQL can bring about."""
    script = WAYS_TO_THE_PLATFORMS_OWN[way]
    with place.enter() as client:
        for before in ("", *WAYS_TO_CHANGE_THE_SESSION.values()):
            try_all(place, client, f"{before} ;; SET search_path TO DEFAULT")
            for answer in try_all(place, client, script):
                assert "permission denied for table" in str(answer)


@pytest.mark.parametrize("way", WAYS_TO_READ)
def test_nothing_tells_of_another_tenant(place: Place, way: str) -> None:
    script = WAYS_TO_READ[way]
    with place.enter() as client:
        said = try_all(place, client, script)
        place.assert_nothing_of_globex(said, but=script.replace("{globex}", str(place.globex)))
        client.rollback()


def test_what_another_session_does_is_not_seen(place: Place) -> None:
    """Its statements have its texts in them: values are written into them before they leave."""
    with (
        psycopg.connect(place.addresses["DATABASE_URL"]) as neighbour,
        place.enter() as client,
    ):
        neighbour.execute("LISTEN gossip")
        neighbour.commit()
        neighbour.execute(f"SELECT pg_advisory_lock(7), '{_WORDS}'".encode())
        said = try_all(
            place,
            client,
            """SELECT * FROM pg_stat_activity ;; SELECT pg_stat_get_activity(NULL) ;;
            SELECT pg_stat_get_backend_activity(id) FROM pg_stat_get_backend_idset() AS id ;;
            SELECT * FROM pg_stat_get_wal_senders() ;; SELECT * FROM pg_locks""",
        )
        place.assert_nothing_of_globex(said)
        neighbour.rollback()


def test_a_session_hands_nothing_on(place: Place) -> None:
    """What one tenant's SQL leaves in a pooled session shows it nothing of the next tenant."""
    key = scope_proofs.known_key()
    assert key is not None
    with place.enter() as client:
        try_all(
            place,
            client,
            """PREPARE peep AS SELECT * FROM conversations_message ;;
            DECLARE peep CURSOR WITH HOLD FOR SELECT * FROM conversations_message ;;
            SET SESSION app.left_behind = 'yes' ;; LISTEN peep""",
        )
        client.commit()
        # The next tenant of the session works.
        client.execute(
            "SELECT open_tenant_scope(%s, %s)",
            [place.globex, scope_proofs.prove(key, place.globex)],
        )
        assert _WORDS in repr(look_around(client))
        client.execute("NOTIFY peep")
        client.commit()
        # And the first one again.
        client.execute("SELECT open_tenant_scope(%s, %s)", [place.acme, place.proof])
        said = try_all(place, client, "EXECUTE peep ;; FETCH ALL FROM peep ;; TABLE pg_cursors")
        place.assert_nothing_of_globex([said, [*client.notifies(timeout=0)]])
        for name in ("app.tenant_id", "app.tenant_proof"):
            client.rollback()
            left = client.execute("SELECT current_setting(%s, true)", [name]).fetchone()
            assert left in {("",), (None,)}


def test_a_proof_is_good_for_its_tenant_only(place: Place) -> None:
    """Not its first digits, not for a shorter id, not with the id in another writing."""
    for proof in (place.proof[:32], place.proof.upper(), f"{place.proof}0", "0" * 64):
        with psycopg.connect(place.addresses["DATABASE_URL"]) as client:
            client.execute("SELECT open_tenant_scope(%s, %s)", [place.acme, proof])
            assert set(look_around(client)) == set()
    assert re.fullmatch("[0-9a-f]{64}", place.proof)
