from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("centers", "0003_services_hours_packages"),)
    operations = (
        policies.catalogue_table("centers_medicalcenter_services"),
        policies.tenant_table("centers_servicepackage"),
        policies.tenant_table("centers_packagedservice"),
        policies.tenant_key("centers_packagedservice", "package_id", "centers_servicepackage"),
        policies.tenant_table("centers_favouritecenter"),
        policies.tenant_table("centers_employerdefaults"),
        policies.tenant_table("centers_worksitedefaults"),
        policies.tenant_key("centers_worksitedefaults", "worksite_id", "employers_worksite"),
    )
