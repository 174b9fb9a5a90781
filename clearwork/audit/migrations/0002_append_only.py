from __future__ import annotations

from django.db import migrations

from clearwork.database import policies

# Anyone may add what they themselves did; only the employer concerned and operators read it.
POLICIES = """
    ALTER TABLE audit_auditevent
        ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id();
    CREATE INDEX audit_chain ON audit_auditevent (txid, id);
    ALTER TABLE audit_auditevent ENABLE ROW LEVEL SECURITY;
    ALTER TABLE audit_auditevent FORCE ROW LEVEL SECURITY;
    CREATE POLICY reads ON audit_auditevent FOR SELECT USING (
        CASE (SELECT clearwork_scope_kind())
            WHEN 'operator' THEN true
            WHEN 'employer' THEN employer_id = (SELECT clearwork_scope_id())
            ELSE false END);
    CREATE POLICY adds ON audit_auditevent FOR INSERT WITH CHECK (
        CASE (SELECT clearwork_scope_kind())
            WHEN 'operator' THEN true
            WHEN 'employer' THEN employer_id = (SELECT clearwork_scope_id())
            WHEN 'center' THEN center_id = (SELECT clearwork_scope_id())
            ELSE employer_id IS NULL END);
    ALTER TABLE audit_auditseal ENABLE ROW LEVEL SECURITY;
    ALTER TABLE audit_auditseal FORCE ROW LEVEL SECURITY;
    CREATE POLICY operator ON audit_auditseal USING (
        (SELECT clearwork_scope_kind()) = 'operator');
"""


class Migration(migrations.Migration):
    dependencies = (
        ("audit", "0001_initial"),
        ("database", "0001_scope"),
    )
    operations = (
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        policies.append_only("audit_auditevent"),
        policies.append_only("audit_auditseal"),
    )
