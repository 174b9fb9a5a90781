from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("passes", "0004_lost"),)
    operations = (
        drop_employer_index("passes", "pass"),
        drop_employer_index("passes", "sending"),
    )
