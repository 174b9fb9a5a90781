from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (
        ("api", "0001_tokens"),
        ("employers", "0002_tenancy"),
    )
    operations = (
        policies.tenant_table("api_apitoken"),
        policies.token_may_read("api_apitoken", f"id = {policies.SCOPE_ID}"),
        policies.tenant_table("api_requests"),
        policies.tenant_key("api_requests", "token_id", "api_apitoken"),
        policies.tenant_table("api_keptanswer"),
        policies.tenant_key("api_keptanswer", "token_id", "api_apitoken"),
    )
