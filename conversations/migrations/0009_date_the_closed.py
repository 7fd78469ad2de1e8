"""Conversations that were closed before count from their last change, which is never too early.

A stretch of them in each transaction; what is cut off can be begun again.
"""

from django.db import migrations, transaction

from tenants.operations import see_all_tenants

AT_ONCE = 2_000
_NO_ID = "00000000-0000-0000-0000-000000000000"
# Along the primary key, for there is no index on what is still to be done.
_DATE = """
    WITH stretch AS (
        SELECT id FROM conversations_conversation WHERE id > %s ORDER BY id LIMIT %s
    ), dated AS (
        UPDATE conversations_conversation SET closed_at = updated_at
        WHERE id IN (SELECT id FROM stretch) AND status = 'CLOSED' AND closed_at IS NULL
    )
    SELECT (SELECT id FROM stretch ORDER BY id DESC LIMIT 1)
"""


def date_the_closed(apps, schema_editor):
    last = _NO_ID
    while last is not None:
        with (
            transaction.atomic(using=schema_editor.connection.alias),
            schema_editor.connection.cursor() as cursor,
        ):
            see_all_tenants(cursor, "date closed conversations")
            cursor.execute(_DATE, [last, AT_ONCE])
            (last,) = cursor.fetchone()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0008_closed_at_and_legal_hold")]

    operations = [migrations.RunPython(date_the_closed, migrations.RunPython.noop)]
