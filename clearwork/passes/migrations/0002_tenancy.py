from __future__ import annotations

from django.db import migrations

from clearwork.database import policies

# What the pass of the scope is for; NULL in any other scope. A policy asks once a statement,
# and only for rows its table's own policy did not show.
SHOWS = """
    CREATE FUNCTION clearwork_pass_shows(what text) RETURNS uuid
    STABLE PARALLEL SAFE LANGUAGE sql AS $$
        SELECT CASE what
            WHEN 'employer' THEN opened.employer_id
            WHEN 'authorization' THEN opened.authorization_id
            WHEN 'employee' THEN (
                SELECT employee_id FROM authorizations_authorization
                WHERE id = opened.authorization_id)
        END
        FROM passes_pass opened
        WHERE clearwork_scope_kind() = 'pass' AND opened.id = clearwork_scope_id()
    $$;
"""
# Whoever opens a pass leaves a trace in the employer's trail, and reads none of it.
AUDIT = """
    CREATE POLICY pass ON audit_auditevent FOR INSERT WITH CHECK (
        employer_id = (SELECT clearwork_pass_shows('employer')));
"""


def shown(what: str) -> str:
    return f"(SELECT clearwork_pass_shows('{what}'))"


class Migration(migrations.Migration):
    dependencies = (
        ("passes", "0001_passes"),
        ("authorizations", "0002_tenancy"),
        ("audit", "0002_append_only"),
    )
    operations = (
        policies.tenant_table("passes_pass", pass_uses=f"id = {policies.SCOPE_ID}"),
        policies.tenant_key("passes_pass", "authorization_id", "authorizations_authorization"),
        policies.tenant_table("passes_sending", pass_uses=f"of_id = {policies.SCOPE_ID}"),
        policies.tenant_key("passes_sending", "of_id", "passes_pass"),
        migrations.RunSQL(SHOWS, "DROP FUNCTION clearwork_pass_shows(text);"),
        policies.pass_may_read("employers_employer", f"id = {shown('employer')}"),
        policies.pass_may_read("authorizations_authorization", f"id = {shown('authorization')}"),
        policies.pass_may_read("authorizations_authorizedservice", f"authorization_id = {shown('authorization')}"),
        policies.pass_may_read("people_employee", f"id = {shown('employee')}"),
        migrations.RunSQL(AUDIT, "DROP POLICY pass ON audit_auditevent;"),
    )
