from __future__ import annotations

from django.db import migrations

from clearwork.database import policies


class Migration(migrations.Migration):
    dependencies = (("privacy", "0003_legal_holds"),)
    operations = (policies.tenant_table("privacy_legalhold"),)
