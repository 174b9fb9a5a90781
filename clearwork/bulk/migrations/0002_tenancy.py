from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("bulk", "0001_batches"),)
    operations = (
        policies.tenant_table("bulk_authorizationbatch"),
        policies.tenant_table("bulk_batchrow"),
        policies.tenant_key("bulk_batchrow", "batch_id", "bulk_authorizationbatch"),
        policies.tenant_key("bulk_batchrow", "employee_id", "people_employee"),
        policies.tenant_key("bulk_batchrow", "subject_id", "authorizations_authorization"),
        policies.tenant_key("bulk_batchrow", "made_id", "authorizations_authorization"),
    )
