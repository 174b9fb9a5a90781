from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("results", "0013_employer_without_index"),)
    operations = (
        drop_employer_index("results", "dotcertificate"),
    )
