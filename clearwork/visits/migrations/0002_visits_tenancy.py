from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("visits", "0001_visits"),
        ("authorizations", "0006_life_tenancy"),
        ("people", "0002_tenancy"),
    )
    operations = (
        policies.tenant_table("visits_visit", center_reads=policies.own_center(), center_writes=policies.own_center()),
        policies.tenant_key("visits_visit", "employee_id", "people_employee"),
        policies.tenant_key("visits_visit", "authorization_id", "authorizations_authorization"),
        policies.tenant_table("visits_workstatus", center_reads=policies.own_center(), center_writes=policies.own_center()),
        policies.tenant_key("visits_workstatus", "employee_id", "people_employee"),
        policies.tenant_key("visits_workstatus", "visit_id", "visits_visit"),
    )
