from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("exports", "0001_exports"),)
    operations = (
        policies.tenant_table("exports_export"),
        policies.tenant_table("exports_exportpart"),
        policies.tenant_key("exports_exportpart", "export_id", "exports_export"),
    )
