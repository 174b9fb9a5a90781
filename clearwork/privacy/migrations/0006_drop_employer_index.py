from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("privacy", "0005_stored_files"),)
    operations = (
        drop_employer_index("privacy", "legalhold"),
        drop_employer_index("privacy", "privacyincident"),
    )
