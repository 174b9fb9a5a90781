from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("results", "0005_dot_certificates"),
        ("people", "0002_tenancy"),
    )
    operations = (
        policies.tenant_table("results_dotcertificate", center_reads=policies.own_center(), center_writes=policies.own_center()),
        policies.tenant_key("results_dotcertificate", "employee_id", "people_employee"),
        policies.tenant_key("results_dotcertificate", "report_id", "results_report"),
    )
