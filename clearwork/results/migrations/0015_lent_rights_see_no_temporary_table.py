"""See visits.0012."""

from __future__ import annotations

from django.db import migrations

_TEMPORARY_LAST = """
    ALTER FUNCTION clearwork_keep_current_certificate() SET search_path = public, pg_temp;
"""


class Migration(migrations.Migration):
    dependencies = (("results", "0014_drop_employer_index"),)
    operations = (migrations.RunSQL(_TEMPORARY_LAST, migrations.RunSQL.noop),)
