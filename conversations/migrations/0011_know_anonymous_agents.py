from django.db import migrations, models

from tenants.operations import see_all_tenants

# Telegram's anonymous admin, the same one in every group.
ANONYMOUS_ADMIN_ID = 1087968824


def mark_anonymous_agents(apps, schema_editor):
    """Who is known already must not answer under a name until they are seen again."""
    with schema_editor.connection.cursor() as cursor:
        see_all_tenants(cursor, "mark anonymous agents")
        cursor.execute(
            "UPDATE conversations_agent SET is_anonymous = true WHERE channel_user_id = %s",
            [ANONYMOUS_ADMIN_ID],
        )


class Migration(migrations.Migration):
    dependencies = [("conversations", "0010_find_what_to_delete")]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="is_anonymous",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(mark_anonymous_agents, migrations.RunPython.noop),
    ]
