from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("results", "0001_initial"),
        ("authorizations", "0002_tenancy"),
    )
    operations = (
        policies.tenant_table("results_report", center_reads=policies.own_center(), center_writes=policies.own_center()),
        policies.tenant_key("results_report", "employee_id", "people_employee"),
        policies.tenant_key("results_report", "authorization_id", "authorizations_authorization"),
    )
