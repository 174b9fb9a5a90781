from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("people", "0001_initial"),
        ("employers", "0002_tenancy"),
    )
    operations = (
        policies.tenant_table("people_employee"),
        policies.tenant_key("people_employee", "worksite_id", "employers_worksite"),
    )
