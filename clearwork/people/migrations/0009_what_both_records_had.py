from __future__ import annotations

import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("people", "0008_plain_apostrophes"),)

    operations = (
        migrations.AddField(
            model_name="employeemerge",
            name="folded",
            field=models.JSONField(
                default=list, encoder=django.core.serializers.json.DjangoJSONEncoder
            ),
        ),
    )
