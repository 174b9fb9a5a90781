"""The trigger that lends its owner's rights takes no temporary table for one of ours.

Where pg_temp is not named in search_path it is searched first: whoever runs statements as the
application could lay a table of the same name in front, with a trigger of their own, which would
then run with the owner's rights.
"""

from __future__ import annotations

from django.db import migrations

_TEMPORARY_LAST = """
    ALTER FUNCTION clearwork_keep_current_status() SET search_path = public, pg_temp;
"""


class Migration(migrations.Migration):
    dependencies = (("visits", "0011_drop_employer_index"),)
    operations = (migrations.RunSQL(_TEMPORARY_LAST, migrations.RunSQL.noop),)
