from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0001_initial"),
        ("employers", "0002_tenancy"),
    )
    operations = (
        policies.tenant_table("accounts_portalaccess", user_reads=f"user_id = {policies.SCOPE_ID}"),
        policies.tenant_key("accounts_portalaccess", "contact_id", "employers_contact"),
    )
