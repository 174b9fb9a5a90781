from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("visits", "0004_supervisor_links"),
        ("people", "0002_tenancy"),
    )
    operations = (
        policies.tenant_table("visits_supervisorlink", pass_uses=f"id = {policies.SCOPE_ID}"),
        policies.tenant_key("visits_supervisorlink", "employee_id", "people_employee"),
    )
