from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("employers", "0001_initial"),
        ("database", "0001_scope"),
    )
    operations = (
        policies.tenant_table("employers_employer", employer="id", center_reads="true"),
        policies.tenant_table("employers_worksite", center_reads="true"),
        policies.tenant_table("employers_contact"),
    )
