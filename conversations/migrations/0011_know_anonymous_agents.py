from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0010_find_what_to_delete")]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="is_anonymous",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
