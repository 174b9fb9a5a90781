from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("bulk", "0003_nothing_to_print"),)
    operations = (
        drop_employer_index("bulk", "authorizationbatch"),
        drop_employer_index("bulk", "batchrow"),
    )
