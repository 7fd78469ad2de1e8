"""The words of the conversations that were there before."""

import re
import unicodedata

from django.db import migrations, transaction

from tenants.operations import see_all_tenants

AT_ONCE = 500
_WORD = re.compile(r"[^\W_]+")
# Locked meanwhile, so that nobody gives one another name between reading and writing.
_READ = """
    SELECT tenant_id, id, customer_name, codename, about_note FROM conversations_conversation
    WHERE id > %s ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""
_WRITE = """
    INSERT INTO conversations_conversationword (tenant_id, conversation_id, word)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) ON CONFLICT DO NOTHING
"""


def words_of(texts):
    plain = unicodedata.normalize("NFKD", "\n".join(texts).casefold()).casefold()
    bare = "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")
    return sorted({word[:64] for word in _WORD.findall(bare)})


def index_everything(apps, schema_editor):
    """A stretch of them in each transaction; what is cut off can be begun again."""
    last = "00000000-0000-0000-0000-000000000000"
    while last is not None:
        with transaction.atomic(using=schema_editor.connection.alias):
            last = _index_some(schema_editor.connection, last)


def _index_some(connection, last):
    with connection.cursor() as cursor:
        see_all_tenants(cursor, "index words")
        cursor.execute(_READ, [last, AT_ONCE])
        rows = cursor.fetchall()
        found = [(tenant, row, word) for tenant, row, *texts in rows for word in words_of(texts)]
        if found:
            cursor.execute(_WRITE, [list(column) for column in zip(*found, strict=True)])
    return rows[-1][1] if rows else None


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0006_find_by_words")]

    operations = [migrations.RunPython(index_everything, migrations.RunPython.noop)]
