from __future__ import annotations

from django.db import migrations

from clearwork.database import policies

# Anyone may ask for access; only operators read what was asked.
REQUESTS = """
    ALTER TABLE accounts_accessrequest ENABLE ROW LEVEL SECURITY;
    ALTER TABLE accounts_accessrequest FORCE ROW LEVEL SECURITY;
    CREATE POLICY operator ON accounts_accessrequest USING (clearwork_scope_kind() = 'operator');
    CREATE POLICY asks ON accounts_accessrequest FOR INSERT
        WITH CHECK (state = 'waiting' AND decided_by_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0003_access"),
        ("employers", "0004_account_tenancy"),
    )
    operations = (
        policies.tenant_table("accounts_grantedworksite"),
        policies.tenant_key("accounts_grantedworksite", "access_id", "accounts_portalaccess"),
        policies.tenant_key("accounts_grantedworksite", "worksite_id", "employers_worksite"),
        policies.tenant_table("accounts_invitation", invitation_reads=f"id = {policies.SCOPE_ID}"),
        policies.tenant_key("accounts_invitation", "contact_id", "employers_contact"),
        migrations.RunSQL(REQUESTS, migrations.RunSQL.noop),
    )
