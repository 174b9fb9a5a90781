from __future__ import annotations

from django.db import migrations

from clearwork.database.indexes import drop_employer_index


class Migration(migrations.Migration):
    dependencies = (("api", "0003_reminded_of_tokens"),)
    operations = (
        drop_employer_index("api", "apitoken"),
        drop_employer_index("api", "keptanswer"),
        drop_employer_index("api", "requests"),
    )
