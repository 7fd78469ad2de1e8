"""A public key for each tenant, those that are there already included.

The default is the database's own and random, so adding the column gives every row another key, and
the release before this one can go on inserting tenants.
"""

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models
from django.db.models.functions import Cast, Concat, Replace


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_api_keys")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="widget_key",
            field=models.CharField(
                max_length=64,
                unique=True,
                editable=False,
                db_default=Concat(
                    models.Value("chat_pub_"),
                    Replace(
                        Cast(RandomUUID(), models.CharField()), models.Value("-"), models.Value("")
                    ),
                ),
            ),
        ),
    ]
