"""A million conversations and a million messages, of one large tenant and two hundred small ones.

Everything is computed from a row's number, so a test can name any row without looking for it:
conversation 1 is the newest one, and each is half a minute older than the one before it.
"""

from hashlib import md5
from uuid import UUID

from django.db import connection, transaction

CONVERSATIONS = 1_000_000
SMALL_TENANTS = 200
# Conversations with messages, five in each; the next one has very many.
TALKED = 200_000
LONG, LONG_MESSAGES = TALKED + 1, 3_000
# Those in which something may still happen.
RECENT = 3_000
CHAT_ID = -1_001_234_567_890
# Of the same group before it was upgraded.
FORMER_CHAT_ID = CHAT_ID - 1_000_000
# Those with a word that nobody newer has.
OLDEST = 10_000
# The language of ten people among a million.
RARE_LOCALE = "sw"

# Tables of which a statement must never read more than it shows.
BIG = (
    "conversations_conversation",
    "conversations_conversationword",
    "conversations_message",
    "conversations_agent",
    "conversations_usedsockettoken",
    "conversations_systemmessagesent",
    "billing_usagefact",
    "billing_usageday",
    "billing_usagehour",
    "channels_telegram_topic",
    "channels_telegram_formertopic",
    "channels_telegram_straytopic",
    "channels_telegram_inboxupdate",
    "channels_telegram_messagelink",
    "outbox_outboxitem",
    "tenants_auditentry",
    "tenants_apikey",
    "tenants_idempotentresponse",
    "tenants_member",
    "tenants_setting",
    "tenants_user",
    "django_session",
)

_TENANT = "md5('tenant ' || CASE WHEN n % 5 = 0 THEN 1 + n / 5 % 200 ELSE 0 END)::uuid"
_EVENLY = f"md5('tenant ' || n % {SMALL_TENANTS + 1})::uuid"
_CONVERSATION = "md5('conversation ' || n)::uuid"
_AGENT = "md5('agent ' || CASE WHEN n % 5 = 0 THEN 1 + n / 5 % 200 ELSE 0 END || ' ' || n % 50)"
_CHANNEL = "md5('channel ' || CASE WHEN n % 5 = 0 THEN 1 + n / 5 % 200 ELSE 0 END)::uuid"
_STATUS = f"""
    CASE WHEN n % 1000 = 7 THEN 'BLOCKED'
         WHEN n <= {RECENT} THEN (ARRAY['OPEN_UNCLAIMED', 'OPEN_ASSIGNED', 'AWAITING_CUSTOMER',
                                        'CLOSED'])[1 + n % 4]
         WHEN n % 20011 = 0 THEN 'OPEN_ASSIGNED' ELSE 'CLOSED' END
"""
_AGO = "now() - n * interval '30 seconds'"
# Of two hundred thousand, some hundreds are old enough to be pruned after a week.
_FINISHED = f"now() - ({TALKED} - n) * interval '3050 milliseconds'"
# The shape of a version 7 UUID: time-ordered, as the product makes them.
_IN_TIME = """
    (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - n::bigint * 30000 + seq), 12, '0')
     || '7' || substr(md5(n || ' ' || seq), 1, 3)
     || '8' || substr(md5(n || ' ' || seq), 4, 15))::uuid
"""
_MESSAGE = f"""
    INSERT INTO conversations_message (id, tenant_id, conversation_id, seq, direction, text,
        agent_name, template_key, client_id, created_at)
    SELECT {_IN_TIME}, {_TENANT}, {_CONVERSATION}, seq,
        CASE WHEN seq % 2 = 1 THEN 'INBOUND' ELSE 'OUTBOUND' END, 'Where is parcel ' || n, '',
        '', CASE WHEN seq % 2 = 1 THEN 'client ' || seq END, {_AGO} + seq * interval '1 second'
"""

# Foreign keys first, for they hang on the others.
_RULES = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype
    FROM pg_constraint
    WHERE contype IN ('f', 'p', 'u')
      AND (conrelid::regclass::text = ANY(%s) OR contype = 'f')
      AND connamespace = 'public'::regnamespace
    ORDER BY contype = 'f' DESC, contype = 'u' DESC
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid::regclass::text = ANY(%s)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_FILL = (
    "DELETE FROM tenants_tenant",
    f"""INSERT INTO tenants_tenant (id, slug, name, status, config_version, created_at, updated_at)
        SELECT md5('tenant ' || n)::uuid, CASE n WHEN 0 THEN 'default' ELSE 'crowd-' || n END,
            'Crowd', 'active', 0, now(), now()
        FROM generate_series(0, {SMALL_TENANTS}) n""",
    f"""INSERT INTO conversations_agent (id, tenant_id, channel_user_id, channel_name, display_name,
            is_enabled, created_at, updated_at)
        SELECT md5('agent ' || t || ' ' || a)::uuid, md5('tenant ' || t)::uuid, 1000 + a, '',
            'Agent ' || a, true, now() - a * interval '1 day', now()
        FROM generate_series(0, {SMALL_TENANTS}) t, generate_series(0, 99) a""",
    f"""INSERT INTO conversations_conversation (id, tenant_id, codename, customer_name, about_note,
            locale, status, assigned_agent_id, channel_id, thread_id, last_seq, last_message_at,
            waiting_since, closed_at, reminders_sent, created_at, updated_at)
        SELECT {_CONVERSATION}, {_TENANT}, 'Amber Otter ' || n, 'Customer ' || n, '',
            CASE WHEN n % 100003 = 0 THEN '{RARE_LOCALE}' WHEN n % 10 = 3 THEN 'lv' ELSE 'en' END,
            {_STATUS},
            CASE WHEN n % 997 <> 0 AND (n > {RECENT} OR n % 4 <> 0) THEN ({_AGENT})::uuid END,
            {_CHANNEL}, n, CASE WHEN n <= {TALKED} THEN 5 WHEN n = {LONG} THEN {LONG_MESSAGES}
                                ELSE 0 END,
            {_AGO}, CASE WHEN n <= {RECENT} AND n % 4 = 0 THEN {_AGO} END,
            CASE WHEN ({_STATUS}) = 'CLOSED' THEN {_AGO} END,
            CASE WHEN n > 100 THEN 2 ELSE 0 END, {_AGO}, {_AGO}
        FROM generate_series(1, {CONVERSATIONS}) n""",
    f"""INSERT INTO conversations_conversationword (tenant_id, conversation_id, word)
        SELECT {_TENANT}, {_CONVERSATION}, word FROM generate_series(1, {CONVERSATIONS}) n,
            unnest(ARRAY['amber', 'otter', 'customer', n::text]
                || CASE WHEN n > {CONVERSATIONS - OLDEST}
                        THEN ARRAY['among', 'the', 'oldest'] END) word""",
    f"{_MESSAGE} FROM generate_series(1, {TALKED}) n, generate_series(1, 5) seq",
    f"{_MESSAGE} FROM generate_series({LONG}, {LONG}) n, generate_series(1, {LONG_MESSAGES}) seq",
    f"""INSERT INTO billing_usagefact (id, tenant_id, kind, conversation_id, quantity, at)
        SELECT {_IN_TIME}, {_TENANT}, CASE WHEN seq % 2 = 1 THEN 2 ELSE 3 END, {_CONVERSATION}, 1,
            {_AGO} + seq * interval '1 second'
        FROM generate_series(1, {TALKED}) n, generate_series(1, 5) seq""",
    """INSERT INTO billing_usagehour (id, tenant_id, hour, kind, quantity)
        SELECT gen_random_uuid(), tenant_id, date_trunc('hour', at, 'UTC'), kind, count(*)
        FROM billing_usagefact GROUP BY 2, 3, 4""",
    """INSERT INTO billing_usageday (id, tenant_id, day, kind, quantity)
        SELECT gen_random_uuid(), tenant_id, (at AT TIME ZONE 'UTC')::date, kind, count(*)
        FROM billing_usagefact GROUP BY 2, 3, 4""",
    f"""INSERT INTO channels_telegram_telegramchannel (id, tenant_id, bot_id, bot_username, chat_id,
            configured_chat_id, bot_token_sealed, webhook_secret_sealed, webhook_secret_hash,
            header_secret_sealed, is_active, bot_status, missing_rights, may_write, standing_date,
            standing_update_id, created_at, updated_at)
        SELECT md5('channel ' || n)::uuid, md5('tenant ' || n)::uuid, 1000 + n, '', {CHAT_ID} - n,
            {CHAT_ID} - n, '', '', n, '', false, '', '[]', true, 0, 0, now(), now()
        FROM generate_series(0, {SMALL_TENANTS}) n""",
    f"""INSERT INTO channels_telegram_topic (id, tenant_id, conversation_id, chat_id, thread_id,
            title, is_closed, created_at)
        SELECT md5('topic ' || n)::uuid, {_TENANT}, {_CONVERSATION}, {CHAT_ID}, n, 'Amber Otter',
            false, now()
        FROM generate_series(1, {TALKED}) n""",
    f"""INSERT INTO channels_telegram_formertopic (tenant_id, channel_id, chat_id, thread_id,
            conversation_id, ended_at)
        SELECT {_TENANT}, {_CHANNEL}, {FORMER_CHAT_ID}, n, {_CONVERSATION},
            now() - n * interval '1 second'
        FROM generate_series(1, {TALKED}) n""",
    f"""INSERT INTO channels_telegram_straytopic (tenant_id, channel_id, chat_id, thread_id,
            hinted_at)
        SELECT {_TENANT}, {_CHANNEL}, {CHAT_ID}, 2000000 + n, now() - n * interval '13 seconds'
        FROM generate_series(1, 100000) n""",
    f"""INSERT INTO channels_telegram_inboxupdate (tenant_id, channel_id, bot_id, update_id,
            has_failed, received_at)
        SELECT {_TENANT}, {_CHANNEL}, 7, n, false,
            now() - n * interval '13 seconds' FROM generate_series(1, {TALKED}) n""",
    f"""INSERT INTO channels_telegram_messagelink (tenant_id, channel_id, chat_id,
            telegram_message_id, message_id)
        SELECT {_TENANT}, {_CHANNEL}, {CHAT_ID}, n, {_IN_TIME}
        FROM generate_series(1, {TALKED}) n, (VALUES (2)) AS answer (seq)""",
    f"""INSERT INTO conversations_systemmessagesent (tenant_id, conversation_id, key, sent_at)
        SELECT {_TENANT}, {_CONVERSATION}, 'welcome', {_AGO}
        FROM generate_series(1, {TALKED}) n""",
    f"""INSERT INTO conversations_usedsockettoken (jti, tenant_id, expires_at)
        SELECT md5('token ' || n)::uuid, {_TENANT},
            now() - interval '1 hour' + (n - 500) * interval '1 second'
        FROM generate_series(1, 100000) n""",
    f"""INSERT INTO outbox_outboxitem (tenant_id, kind, payload, ordering_key, idempotency_key,
            channel, lane, status, attempts, next_attempt_at, last_error, request_id, created_at,
            finished_at)
        SELECT {_TENANT}, CASE WHEN n % 5003 = 1 THEN 'telegram.pin' ELSE 'telegram.post' END,
            '{{}}', 'conversation:' || n / 3, 'post:' || n, '',
            CASE WHEN n % 9 = 0 THEN 10 ELSE 20 END,
            CASE WHEN n % 1000 = 1 THEN 'DEAD' WHEN n % 1000 = 2 THEN 'DISCARDED'
                 WHEN n > {TALKED} THEN 'PENDING' ELSE 'DONE' END,
            1, now() - interval '1 minute', '', '', {_FINISHED},
            CASE WHEN n <= {TALKED} THEN {_FINISHED} END
        FROM generate_series(1, {TALKED} + 500) n""",
    f"""INSERT INTO tenants_auditentry (id, tenant_id, at, actor_kind, actor_id, action,
            object_type, object_id, changes, request_id)
        SELECT md5('entry ' || n)::uuid, {_TENANT}, {_AGO},
            CASE WHEN n % 20000 = 1 THEN 'staff' ELSE 'customer' END, '',
            CASE WHEN n % 20000 = 1 THEN 'setting.changed' ELSE 'conversation.started' END,
            CASE WHEN n % 20000 = 1 THEN 'setting' ELSE 'conversation' END,
            ({_CONVERSATION})::text, '{{}}', '' FROM generate_series(1, {TALKED}) n""",
    f"""INSERT INTO tenants_apikey (id, tenant_id, name, prefix, secret_hash, scopes,
            created_by_kind, created_by_id, created_at)
        SELECT md5('key ' || n)::uuid, {_EVENLY}, 'Shop', substr(md5('key ' || n), 1, 10), 'none',
            '{{}}', 'system', '', now() FROM generate_series(1, 20000) n""",
    f"""INSERT INTO tenants_idempotentresponse (id, tenant_id, caller_id, idempotency_key,
            fingerprint, status, sealed_body, created_at)
        SELECT md5('answer ' || n)::uuid, {_TENANT}, md5('key ' || n)::uuid, 'call ' || n, 'none',
            200, '', now() - n * interval '1740 milliseconds'
        FROM generate_series(1, 50000) n""",
    """INSERT INTO tenants_user (id, password, is_superuser, email, full_name, is_staff, is_active,
            date_joined)
        SELECT 1000 + n, '!', false, 'person-' || n || '@example.com', '', true, true, now()
        FROM generate_series(1, 100000) n""",
    f"""INSERT INTO tenants_member (id, tenant_id, user_id, role, created_at)
        SELECT md5('member ' || n)::uuid, {_EVENLY}, 1000 + n, 'agent', now()
        FROM generate_series(1, 20000) n""",
    """INSERT INTO tenants_setting (id, tenant_id, key, value, updated_at)
        SELECT md5('setting ' || t || ' ' || n)::uuid, md5('tenant ' || t)::uuid, 'shop.' || n,
            '1', now()
        FROM generate_series(1, 200) t, generate_series(1, 50) n""",
    """INSERT INTO django_session (session_key, session_data, expire_date)
        SELECT md5('session ' || n), '', now() + n * interval '1 second'
        FROM generate_series(1, 50000) n""",
)


def named(name: str) -> UUID:
    """The id of a row, such as `conversation 7`, `agent 0 12` or `tenant 0`, the large one."""
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())


@transaction.atomic
def fill() -> None:
    """Write it all into an empty migrated database, and let the planner know."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute("SELECT set_config('app.platform', 'a crowd', true)")
        # A superuser's worker, which we may not end, would keep the database from being dropped.
        for table in BIG:
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
        cursor.execute(_RULES, [list(BIG)])
        rules = cursor.fetchall()
        cursor.execute(_INDEXES, [list(BIG)])
        indexes = cursor.fetchall()
        # Without indexes and keys meanwhile: both are made much faster in one go.
        for table, name, _, _ in rules:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for statement in _FILL:
            cursor.execute(statement)
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition, kind in reversed(rules):
            unchecked = "NOT VALID" if kind == "f" else ""
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition} {unchecked}')
        cursor.execute("ANALYZE")
