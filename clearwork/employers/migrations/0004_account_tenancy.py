from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("employers", "0003_account_information"),)
    operations = (
        policies.tenant_table("employers_reportsubscription"),
        policies.tenant_key("employers_reportsubscription", "contact_id", "employers_contact"),
        policies.tenant_key("employers_reportsubscription", "worksite_id", "employers_worksite"),
        policies.tenant_table("employers_releaserequest"),
        policies.tenant_key("employers_releaserequest", "contact_id", "employers_contact"),
    )
