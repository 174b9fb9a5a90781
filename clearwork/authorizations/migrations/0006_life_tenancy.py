from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("authorizations", "0005_life"),)
    operations = (policies.tenant_table("authorizations_savedview"),)
