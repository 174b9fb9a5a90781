from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("people", "0004_employee_merge"),)
    operations = (
        policies.tenant_table("people_employeemerge"),
        policies.tenant_key("people_employeemerge", "kept_id", "people_employee"),
    )
