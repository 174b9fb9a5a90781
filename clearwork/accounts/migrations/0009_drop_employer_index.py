from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("accounts", "0008_told_of_late_reports"),)
    operations = (
        drop_employer_index("accounts", "grantedworksite"),
        drop_employer_index("accounts", "invitation"),
        drop_employer_index("accounts", "portalaccess"),
    )
