from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("people", "0006_worksites_are_of_one_employer"),)
    operations = (
        drop_employer_index("people", "employee"),
        drop_employer_index("people", "employeemerge"),
    )
