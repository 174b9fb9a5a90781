from __future__ import annotations

from django.db import migrations

# Bookkeeping of the mailing jobs: no page reads it.
POLICIES = "".join(
    f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY operator ON {table} USING ((SELECT clearwork_scope_kind()) = 'operator');
    """
    for table in ("messaging_dispatch", "messaging_watermark")
)


class Migration(migrations.Migration):
    dependencies = (
        ("messaging", "0001_initial"),
        ("database", "0001_scope"),
    )
    operations = (migrations.RunSQL(POLICIES, migrations.RunSQL.noop),)
