from __future__ import annotations

from django.db import migrations

from clearwork.database import policies

OPERATORS_ALONE = """
    ALTER TABLE accounts_secondfactorreset ENABLE ROW LEVEL SECURITY;
    ALTER TABLE accounts_secondfactorreset FORCE ROW LEVEL SECURITY;
    CREATE POLICY operator ON accounts_secondfactorreset
        USING (clearwork_scope_kind() = 'operator');
"""


class Migration(migrations.Migration):
    dependencies = (("accounts", "0006_second_factor_reset"),)
    operations = (
        migrations.RunSQL(OPERATORS_ALONE, migrations.RunSQL.noop),
        policies.append_only("accounts_secondfactorreset"),
    )
