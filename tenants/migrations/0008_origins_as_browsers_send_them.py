"""Allowed origins without the port that their scheme has anyway, and without a dot at the end."""

from django.db import migrations

from tenants.operations import ChangeAllTenantsRows

NORMALISE = r"""
    UPDATE tenants_setting SET value = (
        SELECT coalesce(
            jsonb_agg(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(lower(entry), '^(https://.*):0*443$', '\1'),
                        '^(http://.*):0*80$', '\1'
                    ),
                    '\.(:[0-9]+)?$', '\1'
                )
                ORDER BY place
            ),
            '[]'
        )
        FROM jsonb_array_elements_text(value) WITH ORDINALITY AS entries (entry, place)
    )
    WHERE key = 'allowedOrigins' AND jsonb_typeof(value) = 'array'
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_filter_the_trail")]

    operations = [ChangeAllTenantsRows("normalise allowed origins", NORMALISE)]
