from __future__ import annotations

from django.db import migrations

from clearwork.database import policies

# Anyone may report a concern; only operators read what was reported.
CONCERNS = """
    ALTER TABLE privacy_privacyconcern ENABLE ROW LEVEL SECURITY;
    ALTER TABLE privacy_privacyconcern FORCE ROW LEVEL SECURITY;
    CREATE POLICY operator ON privacy_privacyconcern USING (clearwork_scope_kind() = 'operator');
    CREATE POLICY asks ON privacy_privacyconcern FOR INSERT
        WITH CHECK (state = 'open' AND decided_by_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = (("privacy", "0001_incidents"),)
    operations = (
        policies.tenant_table("privacy_privacyincident"),
        migrations.RunSQL(CONCERNS, migrations.RunSQL.noop),
    )
