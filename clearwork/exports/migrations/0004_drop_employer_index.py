from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("exports", "0003_authorizations"),)
    operations = (
        drop_employer_index("exports", "export"),
        drop_employer_index("exports", "exportpart"),
    )
