from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("results", "0012_current_certificate"),)
    operations = (
        migrations.AlterField(
            "report",
            "employer",
            models.ForeignKey(
                "employers.Employer",
                on_delete=models.PROTECT,
                related_name="+",
                db_index=False,
            ),
        ),
    )
