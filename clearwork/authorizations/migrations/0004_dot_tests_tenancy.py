from __future__ import annotations

from django.db import migrations

from clearwork.database import policies

OF_OWN_AUTHORIZATION = policies.visible_parent("authorizations_authorization", "authorization_id")


class Migration(migrations.Migration):
    dependencies = (("authorizations", "0003_dot_tests_and_pdf_on_demand"),)
    operations = (
        policies.tenant_table("authorizations_dottestorder", center_reads=OF_OWN_AUTHORIZATION),
        policies.tenant_key("authorizations_dottestorder", "authorization_id", "authorizations_authorization"),
        policies.tenant_table("authorizations_draft"),
    )
