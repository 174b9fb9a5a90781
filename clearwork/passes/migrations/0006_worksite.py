from __future__ import annotations

from importlib import import_module

from django.db import migrations

from clearwork.database import policies

# The day of centralized care ends where the worksite is: its pass asks for that one.
BEFORE = import_module("clearwork.passes.migrations.0002_tenancy").SHOWS.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
SHOWS = BEFORE.replace(
    "        END\n",
    """            WHEN 'worksite' THEN (
                SELECT worksite_id FROM authorizations_authorization
                WHERE id = opened.authorization_id AND center_id IS NULL)
        END
""",
)


class Migration(migrations.Migration):
    dependencies = (("passes", "0005_drop_employer_index"),)
    operations = (
        migrations.RunSQL(SHOWS, BEFORE),
        policies.pass_may_read(
            "employers_worksite", "id = (SELECT clearwork_pass_shows('worksite'))"
        ),
    )
