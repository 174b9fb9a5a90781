from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """How often a token asked is counted without PostgreSQL's log: nobody waits for the disk.

    A crash of the database empties the counts of this hour and the last. Nothing else knows
    of them, but when a token was last used, until it asks again.
    """

    dependencies = (("api", "0004_drop_employer_index"),)
    operations = (
        migrations.RunSQL(
            "ALTER TABLE api_requests SET UNLOGGED", "ALTER TABLE api_requests SET LOGGED"
        ),
    )
