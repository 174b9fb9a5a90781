from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("privacy", "0006_drop_employer_index"),)
    operations = (
        migrations.AddField("privacyincident", "export_id", models.UUIDField(null=True)),
    )
